import { EventEmitter } from 'node:events';
import { Breaker, type BreakerChange, type BreakerRules } from '@rookery/pacing';
import {
  actionSpec,
  chatOf,
  MINUTE,
  toError,
  type Action,
  type ActionResult,
  type Chat,
  type Clock,
  type SelfId,
} from '@rookery/protocol';
import type { StoredHolds } from '@rookery/redis';
import type { Hold, Holds } from '../holds';

/** What a breaker is for: the account, its sending to groups, or one chat. */
export type HoldScope = 'account' | 'groups' | Chat;
export type HoldScopeKind = 'account' | 'groups' | 'chat';

export function kindOf(scope: HoldScope): HoldScopeKind {
  return scope === 'account' || scope === 'groups' ? (scope as 'account' | 'groups') : 'chat';
}

/** A breaker that keeps actions back now. */
export interface OpenBreaker {
  readonly self: SelfId;
  readonly scope: HoldScopeKind;
  readonly state: 'open' | 'probing';
}

export interface HoldChange {
  readonly self: SelfId;
  readonly scope: HoldScope;
  readonly to: 'opened' | 'probing' | 'closed' | 'muted' | 'unmuted';
  /** For people. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until?: number;
}

export interface AccountHoldsEvents {
  held: [change: HoldChange];
  changed: [self: SelfId, chat: Chat | undefined];
  trouble: [error: Error];
}

export interface HoldStore {
  load(self: SelfId): Promise<StoredHolds | undefined>;
  save(self: SelfId, holds: StoredHolds): Promise<void>;
}

/** Operators report that QQ silences an account in groups for hours, and that each further try prolongs it (NapCatQQ 788, 398). */
const SENDING: BreakerRules = { threshold: 3, openMs: 10 * MINUTE, openMaxMs: 60 * MINUTE };
/** One refusal for want of a login or network is certain. */
const LOGIN: BreakerRules = { threshold: 1, openMs: MINUTE, openMaxMs: 10 * MINUTE };
/** A mute whose end nobody has told is looked at again after this long. */
const MUTE_UNTOLD_MS = 10 * MINUTE;
const UNREACHABLE: ReadonlySet<string> = new Set(['ACTION_NOT_IN_GROUP', 'ACTION_NOT_FRIEND']);

interface Account {
  readonly breakers: Map<HoldScope, Breaker>;
  readonly mutes: Map<Chat, number>;
}

/**
 * What keeps the actions of this node's accounts back besides limits: breakers that open when sends go unanswered or QQ refuses the
 * account, and mutes. Kept in Redis at every change, since the next holder of an account must not begin by what its predecessor had
 * learned not to do.
 */
export class AccountHolds extends EventEmitter<AccountHoldsEvents> implements Holds {
  readonly #accounts = new Map<SelfId, Account>();

  constructor(
    private readonly store: HoldStore,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** All breakers that are not closed. */
  *openBreakers(): Iterable<OpenBreaker> {
    for (const [self, { breakers }] of this.#accounts) {
      for (const [scope, { state }] of breakers) {
        if (state !== 'closed') yield { self, scope: kindOf(scope), state };
      }
    }
  }

  /** Chats in which an account may not speak now, counted once for each account. */
  get mutes(): number {
    const now = this.clock.now();
    let sum = 0;
    for (const { mutes } of this.#accounts.values()) for (const until of mutes.values()) if (until > now) sum += 1;
    return sum;
  }

  onChanged(listener: (self: SelfId, chat?: Chat) => void): void {
    this.on('changed', (self, chat) => listener(self, chat));
  }

  of(self: SelfId, action: Action, chat: Chat): Hold | undefined {
    const account = this.#accounts.get(self);
    if (!account) return undefined;
    for (const scope of scopesOf(action, chat)) {
      const blocked = account.breakers.get(scope)?.blocked();
      if (blocked) return { reason: 'breaker', scope: scope === 'account' ? 'account' : 'chat', ...blocked };
    }
    const mutedUntil = posts(action) ? (account.mutes.get(chat) ?? 0) : 0;
    return mutedUntil > this.clock.now() ? { reason: 'muted', scope: 'chat', until: mutedUntil } : undefined;
  }

  /** To be called with each gained account, before anything is done for it. */
  async takeOver(self: SelfId): Promise<void> {
    try {
      const memory = await this.store.load(self);
      if (!memory) return;
      const { breakers, mutes } = this.#account(self);
      for (const [key, kept] of memory.breakers) {
        const scope = key as HoldScope;
        breakers.set(scope, new Breaker(rulesOf(scope), this.clock, kept));
      }
      for (const [chat, until] of memory.mutes) mutes.set(chat as Chat, until);
    } catch (error) {
      this.emit('trouble', toError(error));
    }
  }

  /** The account left this node. */
  forget(self: SelfId): void {
    this.#accounts.delete(self);
  }

  begun(action: Action): void {
    this.#each(action, (breaker) => breaker.begun(action.id), 'one action is tried');
  }

  released(action: Action): void {
    this.#spend(action);
  }

  answered(action: Action, { outcome, error }: ActionResult): void {
    if (outcome === 'sent') {
      this.#each(action, (breaker) => breaker.succeeded(), 'an action succeeded');
      return;
    }
    const chat = chatOf(action);
    if (error?.code === 'ACTION_ACCOUNT_OFFLINE') {
      this.#fail(action, ['account'], 'QQ refused the account: no login or no network');
    } else if (error?.code === 'ACTION_MUTED' && chat.startsWith('group:')) {
      this.muted(action.self, chat, this.clock.now() + MUTE_UNTOLD_MS);
    } else if (posts(action) && outcome === 'unknown') {
      const scopes = scopesOf(action, chat).filter((scope) => scope !== 'account');
      this.#fail(action, scopes, 'sends in a row went without an answer');
    } else if (posts(action) && error !== undefined && UNREACHABLE.has(error.code)) {
      this.#fail(action, [chat], 'the account does not reach this chat any more');
    }
    this.#spend(action);
  }

  /** QQ has the account logged in again. */
  loggedIn(self: SelfId): void {
    this.#apply(self, 'account', (breaker) => breaker.succeeded(), 'QQ has the account logged in again');
  }

  /** The account may not speak in the chat before `until`, milliseconds since 1970. */
  muted(self: SelfId, chat: Chat, until = this.clock.now() + MUTE_UNTOLD_MS): void {
    this.#account(self).mutes.set(chat, until);
    this.#changed({ self, scope: chat, to: 'muted', reason: 'the account is muted there', until });
  }

  unmuted(self: SelfId, chat: Chat, reason = 'the mute was lifted'): void {
    if (this.#accounts.get(self)?.mutes.delete(chat) === true)
      this.#changed({ self, scope: chat, to: 'unmuted', reason });
  }

  #fail({ self, id }: Action, scopes: readonly HoldScope[], reason: string): void {
    for (const scope of scopes) {
      const { breakers } = this.#account(self);
      if (!breakers.has(scope)) breakers.set(scope, new Breaker(rulesOf(scope), this.clock));
      this.#apply(self, scope, (breaker) => breaker.failed(id), reason);
    }
    this.#save(self);
  }

  #each(action: Action, change: (breaker: Breaker) => BreakerChange, reason: string): void {
    if (!this.#accounts.has(action.self)) return;
    for (const scope of scopesOf(action, chatOf(action))) this.#apply(action.self, scope, change, reason);
  }

  /** What ended without showing anything must not keep others from probing. */
  #spend(action: Action): void {
    const account = this.#accounts.get(action.self);
    const chat = chatOf(action);
    for (const scope of scopesOf(action, chat)) {
      if (account?.breakers.get(scope)?.spent(action.id) === true) this.emit('changed', action.self, undefined);
    }
  }

  #apply(self: SelfId, scope: HoldScope, change: (breaker: Breaker) => BreakerChange, reason: string): void {
    const account = this.#accounts.get(self);
    const breaker = account?.breakers.get(scope);
    if (!account || !breaker) return;
    const to = change(breaker);
    const until = breaker.blocked()?.until;
    if (breaker.isIdle) account.breakers.delete(scope);
    if (to) this.#changed({ self, scope, to, reason, ...(until !== undefined && { until }) });
    else if (breaker.isIdle) this.#save(self);
  }

  #changed(change: HoldChange): void {
    const { self, scope } = change;
    this.emit('held', change);
    this.emit('changed', self, scope === 'account' || scope === 'groups' ? undefined : scope);
    this.#save(self);
  }

  #save(self: SelfId): void {
    const { breakers, mutes } = this.#account(self);
    for (const [chat, until] of mutes) if (until <= this.clock.now()) mutes.delete(chat);
    const memory: StoredHolds = {
      breakers: [...breakers].map(([scope, breaker]) => [scope, breaker.memory] as const),
      mutes: [...mutes],
    };
    this.store.save(self, memory).catch((error: unknown) => this.emit('trouble', toError(error)));
  }

  #account(self: SelfId): Account {
    let account = this.#accounts.get(self);
    if (!account) this.#accounts.set(self, (account = { breakers: new Map(), mutes: new Map() }));
    return account;
  }
}

const posts = ({ name }: Action): boolean => actionSpec(name)?.sends === true;
const rulesOf = (scope: HoldScope): BreakerRules => (scope === 'account' ? LOGIN : SENDING);

function scopesOf(action: Action, chat: Chat): HoldScope[] {
  if (action.lane === 'read') return [];
  if (!posts(action)) return ['account'];
  return chat.startsWith('group:') ? ['account', 'groups', chat] : ['account', chat];
}
