import { describe, expect, it } from '@jest/globals';
import { Histogram as PromHistogram, Registry } from 'prom-client';
import { Histogram } from './histogram';

const BOUNDS = [0.005, 0.25, 1, 10];

type Seen = readonly (readonly [value: number, labels?: Readonly<Record<string, string>>])[];

async function ofPromClient(labelNames: string[], seen: Seen): Promise<string[]> {
  const registry = new Registry();
  const histogram = new PromHistogram({ name: 'x', help: 'x', labelNames, buckets: BOUNDS, registers: [registry] });
  for (const [value, labels = {}] of seen) histogram.observe(labels, value);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('Histogram', () => {
  it.each<[string, string[], Seen]>([
    ['nothing', [], []],
    ['nothing under any label', ['end'], []],
    [
      'values inside, on and beyond the bounds',
      [],
      [0, 0.005, 0.0051, 0.25, 0.3, 1, 10, 10.5, 1e9].map((value) => [value]),
    ],
    ['what lies below zero, as clocks may', [], [[-1]]],
    [
      'each value of a label',
      ['end'],
      [
        [0.1, { end: 'reply' }],
        [20, { end: 'timeout' }],
        [0.3, { end: 'reply' }],
      ],
    ],
    [
      'several labels, whose values are like others when joined',
      ['plugin', 'name'],
      [
        [1, { plugin: 'a', name: 'bc' }],
        [2, { plugin: 'ab', name: 'c' }],
        [3, { name: 'c', plugin: 'ab' }],
        [4, { plugin: 'q"\\\n', name: '' }],
      ],
    ],
  ])('says of %s what prom-client says', async (_case, labelNames, seen) => {
    const sut = new Histogram(BOUNDS, labelNames);
    for (const [value, labels] of seen) sut.observe(value, labels);
    const said = sut.exposition('x').split('\n');
    expect(said.filter((line) => line !== '')).toEqual(await ofPromClient(labelNames, seen));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d, after which no sum would be a number', (value) => {
    const sut = new Histogram(BOUNDS, []);
    expect(() => sut.observe(value)).toThrow(TypeError);
    expect(sut.exposition('x')).toContain('x_sum 0');
  });
});
