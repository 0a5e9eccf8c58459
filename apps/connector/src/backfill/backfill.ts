import { EventEmitter } from 'node:events';
import type { CallEnd, EventFrame } from '@rookery/onebot';
import { MINUTE, pause, SECOND, toError, type Clock, type Event, type GroupId, type SelfId } from '@rookery/protocol';
import { DialPace } from '../link/dial-pace';
import { fillGroup } from './group-fill';
import { missedRequests, requestKey } from './missed-requests';
import { SequenceMemory, type SeenGroup } from './sequence-memory';

/** Where the sequences outlive this process. */
export interface SequenceStore {
  load(self: SelfId): Promise<readonly SeenGroup[]>;
  save(seen: ReadonlyMap<SelfId, readonly SeenGroup[]>): Promise<void>;
}

export interface Gap {
  readonly self: SelfId;
  readonly groupId: GroupId;
  /** First and last sequence that was not heard live. `to` is absent where it is not known. */
  readonly from: number;
  readonly to?: number;
  /** Messages that history gave. */
  readonly filled: number;
  /** `filled`: all of it. `bounded`: what is older than the bounds is missing. `failed`: NapCat did not answer well. */
  readonly result: 'filled' | 'bounded' | 'failed';
}

export interface BackfillEvents {
  gap: [gap: Gap];
  /** Sequences could not be read or kept; filling goes on with what is known here. */
  trouble: [error: Error];
}

export interface BackfillOptions {
  readonly clock: Clock;
  readonly store: SequenceStore;
  readonly call: (
    self: SelfId,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: { timeoutMs: number },
  ) => Promise<CallEnd | { readonly kind: 'down' }>;
  /** Takes a frame that was read from history. */
  readonly accept: (self: SelfId, frame: EventFrame) => void;
  /** Whether this node acts for the account and its gaps are to be filled. */
  readonly isWanted: (self: SelfId) => boolean;
  readonly maxAgeMs: number;
}

const PER_GROUP = 100;
const PER_RECONNECT = 1_000;
/** Between two calls of one account. */
const PACE_MS = SECOND;
const CALL_MS = 20 * SECOND;
const SAVE_MS = 5 * SECOND;
/** Accounts of this node that read history at a time: after an outage all of them want to. */
const ACCOUNTS_AT_ONCE = 20;
const REQUESTS_REMEMBERED = 10_000;
/**
 * Requests stay listed until somebody answers them, and the node that read them before may have been another one. Whoever handles
 * events knows what was handled for half an hour; what is older would be handled twice.
 */
const REQUESTS_MAX_AGE_MS = 25 * MINUTE;

/** An account whose link came back; lasts until the next time. */
interface Return {
  /** What had been seen of each group before. */
  readonly before: Map<GroupId, SeenGroup>;
  /** The first message of each group that came live since: from there on nothing is missing. */
  readonly firstLive: Map<GroupId, number>;
  /** Groups to be read, in that order. */
  readonly wanted: Set<GroupId>;
  /** All that were ever wanted: each is read once. */
  readonly planned: Set<GroupId>;
  isReading: boolean;
  hasReadRequests: boolean;
  budget: number;
  leave: () => void;
}

/**
 * Fills what an account missed while its link was down. Knows per group the last sequence seen, also over restarts and on
 * another node. When a link is back, the groups that had been active shortly before are read from history, and others as soon as
 * their next message shows a jump: bounded in age, number and pace. Filled frames pass through intake like live ones and get the same ids,
 * so a double is recognised.
 */
export class Backfill extends EventEmitter<BackfillEvents> {
  readonly #memory = new SequenceMemory();
  readonly #returns = new Map<SelfId, Return>();
  readonly #requests = new Set<string>();
  readonly #pace: DialPace;
  #cancelSave: (() => void) | undefined;
  #closed = false;

  constructor(private readonly options: BackfillOptions) {
    super();
    this.#pace = new DialPace({ clock: options.clock, atOnce: ACCOUNTS_AT_ONCE, perSecond: ACCOUNTS_AT_ONCE });
  }

  /** An event was accepted, live or filled. */
  seen(event: Event): void {
    if (event.type === 'request') this.#rememberRequest(requestKey(event.kind, event.userId, event.flag));
    if (event.type !== 'message' || event.scene.kind !== 'group' || event.seq === undefined) return;
    const seq = Number(event.seq);
    if (!Number.isSafeInteger(seq)) return;
    const { groupId } = event.scene;
    if (event.filled !== true) this.#checkJump(event.self, groupId, seq);
    this.#memory.note(event.self, groupId, seq, event.time);
    this.#saveLater();
  }

  /** The account's link is up again, or for the first time. */
  async linkUp(self: SelfId): Promise<void> {
    if (this.#closed || !this.options.isWanted(self)) return;
    this.#end(self);
    const back: Return = {
      before: new Map(this.#memory.of(self).map((seen) => [seen.groupId, seen])),
      firstLive: new Map(),
      wanted: new Set(),
      planned: new Set(),
      isReading: false,
      hasReadRequests: false,
      budget: PER_RECONNECT,
      leave: () => {},
    };
    this.#returns.set(self, back);
    for (const seen of await this.#stored(self)) {
      if ((back.before.get(seen.groupId)?.seq ?? -1) < seen.seq) back.before.set(seen.groupId, seen);
    }
    if (this.#returns.get(self) !== back) return;
    const known = [...back.before.values()].sort((one, other) => other.at - one.at);
    // The newest message tells about when the link went down.
    const activeSince = (known[0]?.at ?? 0) - this.options.maxAgeMs;
    for (const { groupId, at } of known) if (at >= activeSince) this.#plan(back, groupId);
    // While the memory was fetched, groups may already have spoken.
    for (const [groupId, seq] of back.firstLive) if (seq > this.#lastSeq(back, groupId) + 1) this.#plan(back, groupId);
    // Also where no group is known: requests may wait.
    this.#read(self, back);
  }

  /** The link is down: nothing can be read. */
  linkDown(self: SelfId): void {
    this.#end(self);
  }

  /** The account left this node. */
  forget(self: SelfId): void {
    this.#end(self);
    this.#memory.forget(self);
  }

  /** Stops reading and keeps what is not kept yet. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const self of [...this.#returns.keys()]) this.#end(self);
    await this.#save();
  }

  #checkJump(self: SelfId, groupId: GroupId, seq: number): void {
    const back = this.#returns.get(self);
    if (back === undefined || back.firstLive.has(groupId)) return;
    back.firstLive.set(groupId, seq);
    const last = back.before.get(groupId)?.seq;
    if (last === undefined || seq <= last + 1 || !this.#plan(back, groupId)) return;
    this.#read(self, back);
  }

  #plan(back: Return, groupId: GroupId): boolean {
    if (back.planned.has(groupId)) return false;
    back.planned.add(groupId);
    back.wanted.add(groupId);
    return true;
  }

  #lastSeq(back: Return, groupId: GroupId): number {
    return back.before.get(groupId)?.seq ?? Number.POSITIVE_INFINITY;
  }

  #read(self: SelfId, back: Return): void {
    if (back.isReading) return;
    back.isReading = true;
    back.leave = this.#pace.admit(() => {
      void this.#readAll(self, back)
        .catch((error: unknown) => this.emit('trouble', toError(error)))
        .finally(() => {
          back.isReading = false;
          back.leave();
          // A group may have shown a jump while the last answer was awaited.
          if (back.wanted.size > 0 && this.#returns.get(self) === back) this.#read(self, back);
        });
    });
  }

  async #readAll(self: SelfId, back: Return): Promise<void> {
    const { clock, accept, maxAgeMs } = this.options;
    const isOver = (): boolean => this.#returns.get(self) !== back;
    const ask = async (action: string, params: Readonly<Record<string, unknown>>) => {
      await pause(clock, PACE_MS);
      return isOver()
        ? { kind: 'down' as const }
        : await this.options.call(self, action, params, { timeoutMs: CALL_MS });
    };
    const since = clock.now() - maxAgeMs;
    for (const groupId of back.wanted) {
      back.wanted.delete(groupId);
      const last = this.#lastSeq(back, groupId);
      const max = Math.min(PER_GROUP, back.budget);
      if (max === 0) {
        this.emit('gap', { self, groupId, from: last + 1, filled: 0, result: 'bounded' });
        continue;
      }
      const { messages, end, newestSeq } = await fillGroup(ask, clock, { self, groupId, lastSeq: last, since, max });
      if (isOver()) return;
      const live = back.firstLive.get(groupId);
      const missed = messages.filter(({ seq }) => live === undefined || seq < live);
      back.budget -= missed.length;
      for (const { frame } of missed) accept(self, frame);
      const to = live === undefined ? newestSeq : live - 1;
      if (to === undefined ? end !== 'failed' : to <= last) continue;
      const result = end === 'complete' ? 'filled' : end;
      const gap = { self, groupId, from: last + 1, filled: missed.length, result } as const;
      this.emit('gap', to === undefined ? gap : { ...gap, to });
    }
    if (back.hasReadRequests) return;
    back.hasReadRequests = true;
    const listed = await ask('get_group_system_msg', {});
    if (isOver()) return;
    const requestsSince = Math.max(since, clock.now() - REQUESTS_MAX_AGE_MS);
    for (const { key, frame } of missedRequests(listed, self, requestsSince))
      if (!this.#requests.has(key)) accept(self, frame);
  }

  #rememberRequest(key: string): void {
    this.#requests.add(key);
    if (this.#requests.size <= REQUESTS_REMEMBERED) return;
    for (const oldest of this.#requests) {
      this.#requests.delete(oldest);
      return;
    }
  }

  #end(self: SelfId): void {
    const back = this.#returns.get(self);
    this.#returns.delete(self);
    back?.leave();
  }

  async #stored(self: SelfId): Promise<readonly SeenGroup[]> {
    try {
      return await this.options.store.load(self);
    } catch (error) {
      this.emit('trouble', toError(error));
      return [];
    }
  }

  #saveLater(): void {
    if (this.#closed) return;
    this.#cancelSave ??= this.options.clock.after(SAVE_MS, () => void this.#save());
  }

  async #save(): Promise<void> {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    if (!this.#memory.hasUnsaved) return;
    try {
      await this.options.store.save(this.#memory.takeUnsaved(this.options.isWanted));
    } catch (error) {
      // What a group says next is saved again; only groups that stay silent from here on are read from further back.
      this.emit('trouble', toError(error));
    }
  }
}
