import { describe, expect, it } from '@jest/globals';
import type { NodeRecord } from './lease-store';
import { place } from './placement';
import { preference } from './rendezvous';

const node = (name: string, changes: Partial<NodeRecord> = {}): NodeRecord => ({
  node: name,
  capacity: 10_000,
  zone: '',
  draining: false,
  ...changes,
});
const keys = Array.from({ length: 1_000 }, (_, n) => String(3_889_000_001 + n));
const owners = (nodes: readonly NodeRecord[]) =>
  new Map([...place({ keys, nodes })].map(([key, { owner }]) => [key, owner]));

describe('preference', () => {
  it('does not depend on the order in which the nodes are given', () => {
    expect(preference('k', ['a', 'b', 'c'])).toEqual(preference('k', ['c', 'a', 'b']));
  });
});

describe('place', () => {
  it('gives each of several nodes a fair share', () => {
    const counts = new Map<string | undefined, number>();
    for (const owner of owners(['a', 'b', 'c', 'd'].map((name) => node(name))).values()) {
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(200);
      expect(count).toBeLessThan(300);
    }
    expect(counts.size).toBe(4);
  });

  it.each([
    ['dies', [node('a'), node('b')]],
    ['drains', [node('a'), node('b'), node('c', { draining: true })]],
  ])('moves only the keys of a node that %s', (_what, nodes) => {
    const before = owners([node('a'), node('b'), node('c')]);
    const after = owners(nodes);
    const moved = keys.filter((key) => before.get(key) !== after.get(key));
    expect(moved).toEqual(keys.filter((key) => before.get(key) === 'c'));
    expect(moved.length).toBeGreaterThan(0);
  });

  it('fills no node beyond its capacity, and leaves keys without an owner when there is no room', () => {
    const placed = [
      ...place({ keys: keys.slice(0, 10), nodes: [node('a', { capacity: 4 }), node('b', { capacity: 3 })] }),
    ];
    const count = (owner: string | undefined) => placed.filter(([, found]) => found.owner === owner).length;
    expect([count('a'), count('b'), count(undefined)]).toEqual([4, 3, 3]);
  });

  it('obeys a pin beyond the capacity, and not when the node is gone or drains', () => {
    const pins = new Map([
      ['1', 'full'],
      ['2', 'gone'],
      ['3', 'leaving'],
    ]);
    const nodes = [node('full', { capacity: 0 }), node('b'), node('leaving', { draining: true })];
    const placed = place({ keys: ['1', '2', '3'], nodes, pins });
    expect(placed.get('1')).toMatchObject({ owner: 'full', pinned: true });
    expect(placed.get('2')).toMatchObject({ owner: 'b', pinned: false });
    expect(placed.get('3')).toMatchObject({ owner: 'b', pinned: false });
  });

  it('keeps owner and standby on different nodes, and in different zones where there are two', () => {
    const nodes = [node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'y' })];
    for (const { owner, standby } of place({ keys, nodes, standbys: new Set(keys) }).values()) {
      expect(standby).toBeDefined();
      expect(owner === 'c').toBe(standby !== 'c');
    }
    const alone = place({ keys: ['k'], nodes: [node('a')], standbys: new Set(['k', 'unknown']) });
    expect(alone.get('k')).toEqual({ owner: 'a', pinned: false, standby: undefined });
    expect(alone.has('unknown')).toBe(false);
  });
});
