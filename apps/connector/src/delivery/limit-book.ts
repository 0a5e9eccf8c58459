import { EventEmitter } from 'node:events';
import { configuredLimits, type AccountConfig, type RookeryConfig } from '@rookery/config';
import { LimitTable, type LimitLayer, type LimitsInForce } from '@rookery/pacing';
import { SECOND, toError, type Clock, type ConversationKey, type PoolName, type SelfId } from '@rookery/protocol';

/** Where limits that were changed at run time are kept. */
export interface Overrides {
  all(): Promise<{ readonly version: number; readonly layers: readonly LimitLayer[] }>;
  /** Grows with every change. */
  version(): Promise<number>;
}

interface LimitBookEvents {
  /** Other limits may hold from now on. */
  changed: [];
  /** The overrides could not be read; those that were read last go on, and it is looked at again. */
  trouble: [error: Error];
}

export interface LimitBookOptions {
  readonly config: Pick<RookeryConfig, 'limits' | 'pools'>;
  readonly overrides: Overrides;
  /** The accounts of the cluster as this node knows them now. */
  readonly accounts: () => Iterable<AccountConfig>;
  readonly clock: Clock;
}

/** A lost notice of a change costs at most this long. */
const LOOK_MS = 10 * SECOND;

/** The limits in force, from rookery.yaml and from what was changed at run time. */
export class LimitBook extends EventEmitter<LimitBookEvents> {
  readonly timeZone: string;
  #table: LimitTable;
  #overrides: readonly LimitLayer[] = [];
  #version: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(private readonly options: LimitBookOptions) {
    super();
    this.timeZone = options.config.limits.timeZone;
    this.#table = this.#rebuilt();
  }

  /** Reads the overrides once, and goes on looking. Rejects when they cannot be read now. */
  async start(): Promise<void> {
    await this.#read();
    this.#lookLater();
  }

  stop(): void {
    this.#cancel();
  }

  of(self: SelfId, pool: PoolName): LimitsInForce {
    return this.#table.of(self, pool);
  }

  /** Undefined where the conversation has nothing of its own. */
  in(conversation: ConversationKey, self: SelfId, pool: PoolName): LimitsInForce | undefined {
    return this.#table.in(conversation, self, pool);
  }

  /** Accounts came, went or changed. */
  accountsChanged(): void {
    this.#table = this.#rebuilt();
    this.emit('changed');
  }

  /** Something may have been changed at run time. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#read())
      .catch((thrown) => void this.emit('trouble', toError(thrown)));
    return this.#looking;
  }

  #rebuilt(): LimitTable {
    const { config, accounts } = this.options;
    return new LimitTable([...configuredLimits({ ...config, accounts: [...accounts()] }), ...this.#overrides]);
  }

  #lookLater(): void {
    this.#cancel = this.options.clock.after(LOOK_MS, () => void this.look().then(() => this.#lookLater()));
  }

  async #read(): Promise<void> {
    const { overrides } = this.options;
    if (this.#version !== undefined && (await overrides.version()) === this.#version) return;
    const { version, layers } = await overrides.all();
    this.#version = version;
    this.#overrides = layers;
    this.#table = this.#rebuilt();
    this.emit('changed');
  }
}
