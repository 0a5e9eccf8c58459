import type { GroupId, SelfId } from '@rookery/protocol';

/** The last message of a group that an account has seen. */
export interface SeenGroup {
  readonly groupId: GroupId;
  readonly seq: number;
  /** When it was said, milliseconds since 1970. */
  readonly at: number;
}

/** Changed in place: there is one for each group of each account, and every message passes here. */
interface Entry {
  readonly groupId: GroupId;
  seq: number;
  at: number;
  isUnsaved: boolean;
}

/** Groups remembered per account; those that were silent longest are forgotten first. */
const GROUPS_MAX = 500;

/** Per account and group the highest sequence seen, bounded, and which of it Redis has not got yet. */
export class SequenceMemory {
  readonly #accounts = new Map<SelfId, Map<GroupId, Entry>>();
  #unsaved: { readonly self: SelfId; readonly entry: Entry }[] = [];

  note(self: SelfId, groupId: GroupId, seq: number, at: number): void {
    let groups = this.#accounts.get(self);
    if (groups === undefined) this.#accounts.set(self, (groups = new Map()));
    let entry = groups.get(groupId);
    if (entry === undefined) {
      if (groups.size === GROUPS_MAX) forgetOldest(groups);
      groups.set(groupId, (entry = { groupId, seq, at, isUnsaved: false }));
    } else if (entry.seq >= seq) return;
    entry.seq = seq;
    entry.at = at;
    if (entry.isUnsaved) return;
    entry.isUnsaved = true;
    this.#unsaved.push({ self, entry });
  }

  /** The groups of an account as they are now, the ones heard last first. */
  of(self: SelfId): SeenGroup[] {
    return [...(this.#accounts.get(self)?.values() ?? [])].map(copy).sort((one, other) => other.at - one.at);
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** What has changed since the last call, of the accounts that `wanted` says; of others it is dropped. */
  takeUnsaved(wanted: (self: SelfId) => boolean): Map<SelfId, SeenGroup[]> {
    const taken = new Map<SelfId, SeenGroup[]>();
    for (const { self, entry } of this.#unsaved) {
      entry.isUnsaved = false;
      const groups = taken.get(self);
      if (groups !== undefined) groups.push(copy(entry));
      else if (wanted(self)) taken.set(self, [copy(entry)]);
    }
    this.#unsaved = [];
    return taken;
  }

  /** The account is not here any more; what is not saved yet still is. */
  forget(self: SelfId): void {
    this.#accounts.delete(self);
  }
}

function copy({ groupId, seq, at }: Entry): SeenGroup {
  return { groupId, seq, at };
}

function forgetOldest(groups: Map<GroupId, Entry>): void {
  let oldest: Entry | undefined;
  for (const entry of groups.values()) if (oldest === undefined || entry.at < oldest.at) oldest = entry;
  if (oldest !== undefined) groups.delete(oldest.groupId);
}
