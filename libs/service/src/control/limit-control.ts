import { checkLimits, configuredLimits, type RookeryConfig } from '@rookery/config';
import {
  LimitTable,
  scopeKey,
  type LimitLayer,
  type LimitScope,
  type LimitsInForce,
  type LimitsPatch,
} from '@rookery/pacing';
import { channels, RookeryError, selfId, type ConversationKey, type PoolName, type SelfId } from '@rookery/protocol';
import type { AccountRegistry, LimitOverrides } from '@rookery/redis';
import type { ControlChannel } from '../control-channel';

/** What was said for one scope in one place. */
export interface SaidLimits {
  /** `global`, `pool:<name>`, `account:<number>` or `conversation:<key>`. */
  readonly scope: string;
  readonly from: 'file' | 'override';
  readonly limits: LimitsPatch;
}

export interface LimitControlOptions {
  readonly overrides: Pick<LimitOverrides, 'all' | 'set' | 'clear'>;
  readonly registry: Pick<AccountRegistry, 'all' | 'find'>;
  readonly channel: Pick<ControlChannel, 'emit'>;
  readonly config: RookeryConfig;
}

/**
 * What an operator may do about limits at run time. What is set stands over rookery.yaml at the same scope until it is cleared, is
 * held to the same rules, and reaches every connector at once.
 */
export class LimitControl {
  constructor(private readonly options: LimitControlOptions) {}

  /** Everything that was said, in the file and at run time. */
  async said(): Promise<readonly SaidLimits[]> {
    return (await this.#layers()).map(({ scope, from, patch }) => ({ scope: scopeKey(scope), from, limits: patch }));
  }

  /** What holds for an account, or for it in one conversation, and where each setting comes from. Throws ACCOUNT_UNKNOWN. */
  async inForce(self: SelfId, conversation?: ConversationKey): Promise<LimitsInForce> {
    const { pool } = await this.options.registry.find(self);
    const table = new LimitTable(await this.#layers());
    const own = conversation === undefined ? undefined : table.in(conversation, self, pool);
    return own ?? table.of(self, pool);
  }

  /** Changes the named settings of a scope; others that were set there stay. Throws CONFIG_INVALID with all problems. */
  async set(scope: LimitScope, change: unknown): Promise<LimitsPatch> {
    const { overrides } = this.options;
    const layers = await this.#layers();
    const key = scopeKey(scope);
    const before = layers.find((layer) => layer.from === 'override' && scopeKey(layer.scope) === key)?.patch;
    const wider = await this.#wider(scope, layers);
    const patch = checkLimits(scope, { ...before, ...settingsOf(change) }, key, wider);
    await overrides.set(scope, patch);
    await this.#tell();
    return patch;
  }

  /** What the file says counts again. False: nothing had been set for the scope. */
  async clear(scope: LimitScope): Promise<boolean> {
    const cleared = await this.options.overrides.clear(scope);
    if (cleared) await this.#tell();
    return cleared;
  }

  async #layers(): Promise<LimitLayer[]> {
    const { registry, overrides, config } = this.options;
    const [accounts, said] = await Promise.all([registry.all(), overrides.all()]);
    return [...configuredLimits({ ...config, accounts: [...accounts] }), ...said.layers];
  }

  /** The layers under which a change of the scope will stand; its own of run time is what is replaced. */
  async #wider(scope: LimitScope, layers: readonly LimitLayer[]): Promise<LimitLayer[]> {
    const { self, pool } = await this.#placeOf(scope);
    const own = scopeKey(scope);
    const above = new Set([
      'global',
      ...(pool === undefined ? [] : [`pool:${pool}`]),
      ...(self === undefined ? [] : [`account:${self}`]),
    ]);
    return layers.filter((layer) => {
      const key = scopeKey(layer.scope);
      return key === own ? layer.from === 'file' : above.has(key);
    });
  }

  async #placeOf(scope: LimitScope): Promise<{ readonly self?: SelfId; readonly pool?: PoolName }> {
    switch (scope.of) {
      case 'global':
        return {};
      case 'pool':
        return { pool: scope.pool };
      case 'account':
        return { self: scope.self, pool: (await this.options.registry.find(scope.self)).pool };
      case 'conversation': {
        const [kind, owner = ''] = scope.conversation.split(':');
        if (kind === 'group') return { pool: owner as PoolName };
        if (kind !== 'private') return {};
        const self = selfId(owner);
        return { self, pool: (await this.options.registry.find(self)).pool };
      }
    }
  }

  async #tell(): Promise<void> {
    this.options.channel.emit(channels.limitsChanged, { v: 1, version: (await this.options.overrides.all()).version });
  }
}

function settingsOf(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new RookeryError('CONFIG_INVALID', 'limits are an object of settings, as under `limits` in rookery.yaml');
}
