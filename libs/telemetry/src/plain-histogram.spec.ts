import { describe, expect, it } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { PlainHistogram } from './plain-histogram';

const BOUNDS = [0.005, 0.25, 1, 10];

async function ofPromClient(values: readonly number[]): Promise<string[]> {
  const registry = new Registry();
  const histogram = new Histogram({ name: 'x', help: 'x', buckets: BOUNDS, registers: [registry] });
  for (const value of values) histogram.observe(value);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('PlainHistogram', () => {
  it.each<[string, number[]]>([
    ['nothing', []],
    ['values inside, on and beyond the bounds', [0, 0.005, 0.0051, 0.25, 0.3, 1, 10, 10.5, 1e9]],
    ['what lies below zero, as clocks may', [-1]],
  ])('says of %s what prom-client says', async (_case, values) => {
    const sut = new PlainHistogram(BOUNDS);
    for (const value of values) sut.observe(value);
    expect(sut.exposition('x').trimEnd().split('\n')).toEqual(await ofPromClient(values));
  });
});
