import type { GroupId, SelfId } from '@rookery/protocol';

/** The last message of a group that an account has seen. */
export interface SeenGroup {
  readonly groupId: GroupId;
  readonly seq: number;
  /** When it was said, milliseconds since 1970. */
  readonly at: number;
}

/** Groups remembered per account; those that were silent longest are forgotten first. */
const GROUPS_MAX = 500;

/** Per account and group the highest sequence seen, bounded, and which of it Redis has not got yet. */
export class SequenceMemory {
  readonly #accounts = new Map<SelfId, Map<GroupId, SeenGroup>>();
  #unsaved = new Map<SelfId, Map<GroupId, SeenGroup>>();

  /** Returns what was known of the group before. */
  note(self: SelfId, seen: SeenGroup): SeenGroup | undefined {
    const groups = this.#accounts.get(self) ?? new Map<GroupId, SeenGroup>();
    this.#accounts.set(self, groups);
    const before = groups.get(seen.groupId);
    if (before !== undefined && before.seq >= seen.seq) return before;
    groups.delete(seen.groupId);
    groups.set(seen.groupId, seen);
    for (const oldest of groups.keys()) {
      if (groups.size <= GROUPS_MAX) break;
      groups.delete(oldest);
    }
    const unsaved = this.#unsaved.get(self) ?? new Map<GroupId, SeenGroup>();
    this.#unsaved.set(self, unsaved.set(seen.groupId, seen));
    return before;
  }

  /** The groups of an account, the ones heard last first. */
  of(self: SelfId): SeenGroup[] {
    return [...(this.#accounts.get(self)?.values() ?? [])].sort((one, other) => other.at - one.at);
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0;
  }

  /** What has changed since the last call, of the accounts that `wanted` says; of others it is dropped. */
  takeUnsaved(wanted: (self: SelfId) => boolean): Map<SelfId, SeenGroup[]> {
    const taken = new Map<SelfId, SeenGroup[]>();
    for (const [self, groups] of this.#unsaved) if (wanted(self)) taken.set(self, [...groups.values()]);
    this.#unsaved = new Map();
    return taken;
  }

  /** The account is not here any more; what is not saved yet still is. */
  forget(self: SelfId): void {
    this.#accounts.delete(self);
  }
}
