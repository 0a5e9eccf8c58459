import type { ConversationKey, PoolName, SelfId } from '@rookery/protocol';
import { CONVERSATION_SETTINGS, PROFILES, type LimitSettings, type LimitsPatch, type ProfileName } from './limits';

/** What a scope is of; narrower ones win. */
export type LimitScope =
  | { readonly of: 'global' }
  | { readonly of: 'pool'; readonly pool: PoolName }
  | { readonly of: 'account'; readonly self: SelfId }
  | { readonly of: 'conversation'; readonly conversation: ConversationKey };

/** Where a setting in force comes from. `file`: rookery.yaml. `override`: changed at run time. `profile`: the named profile's value. */
export interface LimitSource {
  readonly from: 'profile' | 'file' | 'override';
  /** The scope that set it, or that named the profile; `default` when nobody named one. */
  readonly scope: LimitScope['of'] | 'default';
}

export interface LimitsInForce {
  readonly profile: ProfileName;
  readonly settings: LimitSettings;
  readonly sources: Readonly<Record<keyof LimitSettings | 'profile', LimitSource>>;
}

/** One scope's word in one place. */
export interface LimitLayer {
  readonly scope: LimitScope;
  readonly from: 'file' | 'override';
  readonly patch: LimitsPatch;
}

const ORDER: readonly LimitScope['of'][] = ['global', 'pool', 'account', 'conversation'];

/** Everything that is said about limits, in the file and at run time. */
export class LimitTable {
  readonly #layers = new Map<string, LimitLayer[]>();
  /** Of accounts that were asked for: it is asked for with every send. */
  readonly #accounts = new Map<SelfId, { readonly pool: PoolName; readonly inForce: LimitsInForce }>();

  /** Some conversation has something of its own: seldom, and asked for with every send. */
  readonly #isOfConversations: boolean;

  constructor(layers: readonly LimitLayer[]) {
    this.#isOfConversations = layers.some(({ scope }) => scope.of === 'conversation');
    for (const layer of layers) {
      const key = scopeKey(layer.scope);
      const known = this.#layers.get(key) ?? [];
      known.push(layer);
      // At the same scope what was changed at run time is stronger than the file.
      known.sort((a, b) => Number(a.from === 'override') - Number(b.from === 'override'));
      this.#layers.set(key, known);
    }
  }

  /** What holds for an account. */
  of(self: SelfId, pool: PoolName): LimitsInForce {
    let known = this.#accounts.get(self);
    if (known?.pool !== pool) {
      known = {
        pool,
        inForce: resolveLimits(this.#said([{ of: 'global' }, { of: 'pool', pool }, { of: 'account', self }])),
      };
      this.#accounts.set(self, known);
    }
    return known.inForce;
  }

  /** What holds for an account in one conversation; undefined where the conversation has nothing of its own. */
  in(conversation: ConversationKey, self: SelfId, pool: PoolName): LimitsInForce | undefined {
    const own = this.#isOfConversations ? this.#said([{ of: 'conversation', conversation }]) : [];
    if (own.length === 0) return undefined;
    const wider = this.#said([{ of: 'global' }, { of: 'pool', pool }, { of: 'account', self }]);
    return resolveLimits([...wider, ...own]);
  }

  #said(scopes: readonly LimitScope[]): LimitLayer[] {
    return scopes.flatMap((scope) => this.#layers.get(scopeKey(scope)) ?? []);
  }
}

/** As text, for keys and for people: `global`, `pool:<name>`, `account:<number>`, `conversation:<key>`. */
export function scopeKey(scope: LimitScope): string {
  switch (scope.of) {
    case 'global':
      return 'global';
    case 'pool':
      return `pool:${scope.pool}`;
    case 'account':
      return `account:${scope.self}`;
    case 'conversation':
      return `conversation:${scope.conversation}`;
  }
}

/** `layers` from the widest to the narrowest. */
export function resolveLimits(layers: readonly LimitLayer[]): LimitsInForce {
  let profile: ProfileName = 'default';
  let settings: LimitSettings = PROFILES.default;
  let sources = allFrom({ from: 'profile', scope: 'default' });
  for (const { scope, from, patch } of [...layers].sort(
    (a, b) => ORDER.indexOf(a.scope.of) - ORDER.indexOf(b.scope.of),
  )) {
    const { profile: named, ...rest } = patch;
    const ofConversation = scope.of === 'conversation';
    if (named !== undefined) {
      const base = PROFILES[named];
      const source: LimitSource = { from: 'profile', scope: scope.of };
      if (ofConversation) {
        settings = { ...settings, conversation: base.conversation, repeats: base.repeats };
        sources = { ...sources, conversation: source, repeats: source };
      } else {
        profile = named;
        settings = base;
        sources = { ...allFrom(source), profile: { from, scope: scope.of } };
      }
    }
    for (const key of Object.keys(rest) as (keyof LimitSettings)[]) {
      if (rest[key] === undefined) continue;
      if (ofConversation && !(CONVERSATION_SETTINGS as readonly string[]).includes(key)) continue;
      settings = { ...settings, [key]: rest[key] };
      sources = { ...sources, [key]: { from, scope: scope.of } };
    }
  }
  return { profile, settings, sources };
}

function allFrom(source: LimitSource): LimitsInForce['sources'] {
  return {
    profile: source,
    account: source,
    conversation: source,
    kinds: source,
    perDay: source,
    repeats: source,
    gapSeconds: source,
    jitterSeconds: source,
    bulkJitterSeconds: source,
    warmUp: source,
    quietHours: source,
  };
}
