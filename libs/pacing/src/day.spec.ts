import { describe, expect, it } from '@jest/globals';
import { dayOf, quietForMs } from './day';

const at = (text: string) => Date.parse(text);

describe('dayOf', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-01T15:59:59.999Z', '2026-02-28T16:00:00Z', 24],
    ['Asia/Shanghai', '2026-03-01T16:00:00Z', '2026-03-01T16:00:00Z', 24],
    ['UTC', '2026-03-01T12:30:15Z', '2026-03-01T00:00:00Z', 24],
    ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', 23],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', 25],
  ])('in %s at %s begins at %s and has %i hours', (zone, moment, start, hours) => {
    const day = dayOf(at(moment), zone);
    expect(new Date(day.start).toISOString()).toBe(new Date(start).toISOString());
    expect((day.end - day.start) / 3_600_000).toBe(hours);
  });
});

describe('quietForMs', () => {
  const night = { from: '23:30', to: '07:00' };
  it.each([
    ['2026-03-01T15:29:00Z', 0],
    ['2026-03-01T15:30:00Z', 7.5 * 3_600_000],
    ['2026-03-01T22:59:30Z', 30_000],
    ['2026-03-01T23:00:00Z', 0],
  ])('over midnight in Shanghai at %s: %i ms', (moment, ms) => {
    expect(quietForMs(at(moment), night, 'Asia/Shanghai')).toBe(ms);
  });

  it('also within one day', () => {
    expect(quietForMs(at('2026-03-01T12:00:00Z'), { from: '12:00', to: '13:00' }, 'UTC')).toBe(3_600_000);
    expect(quietForMs(at('2026-03-01T13:00:00Z'), { from: '12:00', to: '13:00' }, 'UTC')).toBe(0);
  });
});
