import { EventEmitter } from 'node:events';
import {
  toError,
  type ConversationKey,
  type Event,
  type MessageEvent,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';
import { choose, givesUp, type AssigneePolicy } from './assignee-policy';
import { ABSENT_AFTER, type GroupMembers } from './group-members';
import { RecentMap } from './recent-map';

/** Why another account answers in a group now. A closed set, fit for labels. */
export type ChangeReason =
  /** The group had none. */
  | 'first'
  /** The one before is offline, paused or muted there. */
  | 'unfit'
  /** Its copies did not come while others did: it may have left the group, or hears nothing. */
  | 'silent'
  /** The policy of the pool wanted another. */
  | 'policy';

export interface AssignmentEvents {
  changed: [group: ConversationKey, to: SelfId, from: SelfId | undefined, reason: ChangeReason];
  /** Redis did not tell or take who answers in a group; it is chosen anew where needed. */
  trouble: [error: Error];
}

export interface AssignmentOptions {
  readonly members: GroupMembers;
  readonly policy: (pool: PoolName) => AssigneePolicy;
  /** The account that settings or an operator want in a group. */
  readonly explicit: (group: ConversationKey) => SelfId | undefined;
  /** Undefined when the number is no account of the fleet. */
  readonly poolOf: (account: string) => PoolName | undefined;
  /** Able to act as far as is known: connected, logged in, not paused. */
  readonly isOnline: (account: SelfId) => boolean;
  readonly store: {
    load(group: ConversationKey): Promise<SelfId | undefined>;
    save(group: ConversationKey, assignee: SelfId): Promise<void>;
  };
}

interface Standing {
  current: SelfId | undefined;
  /** Messages in a row whose copy of the current one did not come in time. */
  missed: number;
}

const GROUPS = 20_000;

/** Which account of a pool answers in a group: told by settings, else mentioned, else the current one, else a new one. */
export class Assignment extends EventEmitter<AssignmentEvents> {
  readonly #standings = new RecentMap<ConversationKey, Standing>(GROUPS);
  readonly #loading = new Map<ConversationKey, Promise<void>>();
  /** How many groups each account answers in, as far as this worker knows. */
  readonly #groupsOf = new Map<SelfId, number>();

  constructor(private readonly options: AssignmentOptions) {
    super();
  }

  /** Undefined when it is known who answers there; else resolves when it is. Never rejects. */
  ready(group: ConversationKey): Promise<void> | undefined {
    if (this.#standings.get(group)) return undefined;
    const known = this.#loading.get(group);
    if (known) return known;
    const loading = this.#loadStanding(group).finally(() => this.#loading.delete(group));
    this.#loading.set(group, loading);
    return loading;
  }

  /** The account whose copy is wanted. May make another one the current. */
  prefer(event: Event): SelfId {
    const { explicit } = this.options;
    const group = event.conversation;
    const told = explicit(group);
    if (told !== undefined && this.#isFit(group, told)) return told;
    const mentioned = event.type === 'message' ? this.#mentioned(event) : undefined;
    return mentioned ?? this.#current(event);
  }

  /** This account's copy is dispatched; `wanted` was preferred. */
  taken(event: Event, wanted: SelfId): void {
    const group = event.conversation;
    if (event.self !== wanted) this.options.members.missed(group, wanted);
    const standing = this.#standings.get(group);
    if (!standing || standing.current !== wanted) return;
    standing.missed = event.self === wanted ? 0 : standing.missed + 1;
    if (standing.missed >= ABSENT_AFTER) this.#change(group, standing, event.self, 'silent');
  }

  /** For when the wanted account's copy is not there: its account can act. */
  isFit({ conversation, self }: Event): boolean {
    return this.#isFit(conversation, self);
  }

  #current(event: Event): SelfId {
    const { policy, members } = this.options;
    const group = event.conversation;
    const standing = this.#standings.getOr(group, () => ({ current: undefined, missed: 0 }));
    const { current } = standing;
    const rule = policy(event.pool);
    const fit = [...new Set([event.self, ...members.recent(group)])].filter((self) => this.#isFit(group, self));
    const view = { current, here: event.self, fit, isAdmin: (self: SelfId) => members.isAdmin(group, self) };
    const kept = current !== undefined && this.#isFit(group, current);
    if (kept && !givesUp(rule, view)) return current;
    const next = choose(rule, { ...view, load: (self) => this.#groupsOf.get(self) ?? 0 });
    // Nobody is fit: the one who saw it, without a change that would have to be undone.
    if (next === undefined) return event.self;
    if (next !== current)
      this.#change(group, standing, next, current === undefined ? 'first' : kept ? 'policy' : 'unfit');
    return next;
  }

  #mentioned({ segments, self, pool, conversation }: MessageEvent): SelfId | undefined {
    let first: SelfId | undefined;
    for (const { type, data } of segments) {
      if (type !== 'at' || typeof data['qq'] !== 'string' || this.options.poolOf(data['qq']) !== pool) continue;
      const account = data['qq'] as SelfId;
      if (!this.#isFit(conversation, account)) continue;
      if (account === self) return account;
      first ??= account;
    }
    return first;
  }

  #isFit(group: ConversationKey, self: SelfId): boolean {
    return this.options.isOnline(self) && this.options.members.isPresent(group, self);
  }

  #change(group: ConversationKey, standing: Standing, to: SelfId, reason: ChangeReason): void {
    const from = standing.current;
    standing.current = to;
    standing.missed = 0;
    this.#count(from, -1);
    this.#count(to, 1);
    this.options.store.save(group, to).catch((thrown: unknown) => this.emit('trouble', toError(thrown)));
    this.emit('changed', group, to, from, reason);
  }

  async #loadStanding(group: ConversationKey): Promise<void> {
    let current: SelfId | undefined;
    try {
      current = await this.options.store.load(group);
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
    // An account that is no longer of the fleet answers nowhere.
    if (current !== undefined && this.options.poolOf(current) === undefined) current = undefined;
    this.#standings.set(group, { current, missed: 0 });
    this.#count(current, 1);
  }

  #count(account: SelfId | undefined, by: number): void {
    if (account !== undefined) this.#groupsOf.set(account, Math.max(0, (this.#groupsOf.get(account) ?? 0) + by));
  }
}
