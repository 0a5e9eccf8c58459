import { describe, expect, it } from '@jest/globals';
import { judge } from './judge.mjs';

const EVERY_S = 5;
const readings = (count: number, value: (n: number) => number): [number, number][] =>
  Array.from({ length: count }, (_, n) => [n * EVERY_S, value(n)]);
const allowed = { units: 4, share: 0.1 };
/** The same shaking in every run. */
const shaken = (n: number): number => ((n * 7919) % 13) / 6 - 1;

describe('the judge of growth', () => {
  it('finds what grows, also under noise, and says by how much', () => {
    const { verdict, perHour, rise } = judge(
      readings(60, (n) => 100 + n * 0.5 + shaken(n)),
      { allowed },
    );
    expect(verdict).toBe('grows');
    expect(perHour).toBeGreaterThan(340);
    expect(perHour).toBeLessThan(380);
    expect(rise).toBeGreaterThan(27);
  });

  it('finds what grows in steps, as tables do that double', () => {
    expect(
      judge(
        readings(60, (n) => 100 + 12 * Math.floor(n / 10)),
        { allowed },
      ).verdict,
    ).toBe('grows');
  });

  it('finds a leak beneath a saw-tooth', () => {
    expect(
      judge(
        readings(90, (n) => 100 + (n % 10) * 5 + n * 0.6),
        { allowed },
      ).verdict,
    ).toBe('grows');
  });

  it.each([
    ['a saw-tooth of many teeth', (n: number) => 100 + (n % 10) * 8],
    ['a saw-tooth of which half a tooth is left over', (n: number) => 100 + (n % 44) * 2],
    ['noise', (n: number) => 100 + 3 * shaken(n)],
    ['what fills up to a bound early', (n: number) => 100 + Math.min(n, 15) * 4],
    ['what falls', (n: number) => 200 - n],
    ['nothing at all', () => 0],
    ['a rise within what is allowed', (n: number) => 100 + n * 0.1],
    ['one outlier at the end', (n: number) => (n === 59 ? 900 : 100)],
  ])('does not take for growth: %s', (_, value) => {
    expect(judge(readings(60, value), { allowed }).verdict).toBe('flat');
  });

  it('does not count what was before the warm-up, and growth after it does count', () => {
    const late = readings(90, (n) => (n < 30 ? n * 10 : 300));
    expect(judge(late, { allowed, after: 30 * EVERY_S }).verdict).toBe('flat');
    expect(
      judge(
        readings(90, (n) => 300 + Math.max(0, n - 30) * 2),
        { allowed, after: 150 },
      ).verdict,
    ).toBe('grows');
  });

  it('holds a thing with a known bound to it, and to nothing else', () => {
    const growing = readings(60, (n) => n * 10);
    expect(judge(growing, { allowed, atMost: 1_000 }).verdict).toBe('flat');
    expect(judge(growing, { allowed, atMost: 500 }).verdict).toBe('above');
  });

  it('says nothing of a history that is too short', () => {
    expect(
      judge(
        readings(11, (n) => n * 100),
        { allowed },
      ).verdict,
    ).toBe('unknown');
    expect(
      judge(
        readings(60, (n) => n * 100),
        { allowed, after: 270 },
      ).verdict,
    ).toBe('unknown');
  });
});
