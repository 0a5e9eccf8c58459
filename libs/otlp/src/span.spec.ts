import { describe, expect, it } from '@jest/globals';
import { isSampled, spanIdOf, traceIdOf } from './span';

describe('ids of spans', () => {
  it('have the form of W3C Trace Context, and are the same wherever they are derived', () => {
    expect(traceIdOf('e1')).toMatch(/^[0-9a-f]{32}$/);
    expect(spanIdOf('e1', 'event')).toMatch(/^[0-9a-f]{16}$/);
    expect(traceIdOf('e1')).toBe(traceIdOf('e1'));
    const ids = ['e1', 'e2'].flatMap((event) => ['event', 'action a'].map((part) => spanIdOf(event, part)));
    expect(new Set([...ids, traceIdOf('e1'), traceIdOf('e2')]).size).toBe(6);
  });

  it('fall into the share that is wanted, and into every larger one', () => {
    const traces = Array.from({ length: 2_000 }, (_, n) => traceIdOf(`event ${n}`));
    const kept = (share: number) => traces.filter((id) => isSampled(id, share));
    expect([kept(0).length, kept(1).length]).toEqual([0, 2_000]);
    expect(kept(0.1).length).toBeGreaterThan(100);
    expect(kept(0.1).length).toBeLessThan(320);
    const half = new Set(kept(0.5));
    expect(kept(0.1).every((id) => half.has(id))).toBe(true);
  });
});
