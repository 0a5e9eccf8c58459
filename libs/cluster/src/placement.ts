import type { NodeRecord } from './lease-store';
import { preference } from './rendezvous';

/** Who should hold a key, and who should stand by. */
export interface Place {
  readonly owner: string | undefined;
  /** An operator said so. */
  readonly pinned: boolean;
  readonly standby: string | undefined;
}

export interface PlacementInput {
  readonly keys: readonly string[];
  readonly nodes: readonly NodeRecord[];
  /** Keys that an operator put on a node; obeyed while that node lives and is not draining, whatever its capacity. */
  readonly pins?: ReadonlyMap<string, string>;
  /** Keys that want a standby. */
  readonly standbys?: ReadonlySet<string>;
}

/**
 * Decides for every key who should own it. Pure: all nodes that see the same members come to the same result. It says who
 * *should*; the lease says who *does*. A key that no node has room for has no owner, and the caller reports that.
 */
export function place(input: PlacementInput): Map<string, Place> {
  const live = new Map(input.nodes.filter((node) => !node.draining).map((node) => [node.node, node]));
  const names = [...live.keys()];
  const load = new Map<string, number>(names.map((name) => [name, 0]));
  const result = new Map<string, Place>();
  const take = (name: string) => load.set(name, (load.get(name) ?? 0) + 1);

  const free: string[] = [];
  for (const key of input.keys) {
    const pin = input.pins?.get(key);
    if (pin !== undefined && live.has(pin)) {
      take(pin);
      result.set(key, { owner: pin, pinned: true, standby: undefined });
    } else {
      free.push(key);
    }
  }
  // In a fixed order, so that nodes agree on who is crowded out when capacity is short.
  free.sort();
  for (const key of free) {
    const owner = preference(key, names).find((name) => (load.get(name) ?? 0) < (live.get(name)?.capacity ?? 0));
    if (owner !== undefined) take(owner);
    result.set(key, { owner, pinned: false, standby: undefined });
  }
  for (const key of input.standbys ?? []) {
    const found = result.get(key);
    if (found?.owner === undefined) continue;
    result.set(key, { ...found, standby: standbyFor(key, found.owner, live, names) });
  }
  return result;
}

/** The most preferred other node, of another zone if there is one. */
function standbyFor(
  key: string,
  owner: string,
  live: ReadonlyMap<string, NodeRecord>,
  names: readonly string[],
): string | undefined {
  const others = preference(key, names).filter((name) => name !== owner);
  const zone = live.get(owner)?.zone;
  return others.find((name) => live.get(name)?.zone !== zone) ?? others[0];
}
