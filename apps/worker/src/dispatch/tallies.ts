import { EventEmitter } from 'node:events';
import {
  RookeryError,
  SECOND,
  toError,
  type Clock,
  type StorageAnswer,
  type StorageRequest,
  type StorageScope,
} from '@rookery/protocol';

export type StorageRunner = (plugin: string, request: StorageRequest) => Promise<StorageAnswer>;

export interface TalliesEvents {
  /** Sums that will never be stored: there is no room for them, or too many wait for Redis. */
  lost: [plugin: string, sums: number, error: Error];
  /** Redis did not take the sums; they are tried again. */
  trouble: [error: Error];
}

export interface TalliesOptions {
  readonly storage: StorageRunner;
  readonly clock: Clock;
}

interface Sum {
  readonly ttlMs: number | undefined;
  by: number;
}

/** What one plugin has counted in one scope and is not stored yet, by name. */
interface Counted {
  readonly plugin: string;
  readonly scope: StorageScope;
  readonly sums: Map<string, Sum>;
}

const WRITE_MS = 5 * SECOND;
const SUMS_MAX = 50_000;

/**
 * Stands before the storage of plugins and holds back what is only counted: sums are written every five seconds, one call per scope, or
 * when something else is asked of their scope. Bounded; an orderly end writes what there is.
 */
export class Tallies extends EventEmitter<TalliesEvents> {
  #counted = new Map<string, Counted>();
  #size = 0;
  #stopped = false;
  #cancel: (() => void) | undefined;

  constructor(private readonly options: TalliesOptions) {
    super();
  }

  /** As the storage; a tally is answered at once. */
  run(plugin: string, request: StorageRequest): Promise<StorageAnswer> {
    const { scope, operation } = request;
    const key = `${plugin} ${JSON.stringify(scope)}`;
    if (operation.op !== 'tally') {
      const counted = this.#taken(key);
      // Asked first, it is done first: what is asked of one scope in one go travels together, in its order.
      if (counted) void this.#write(counted);
      return this.options.storage(plugin, request);
    }
    const { name, by, ttlMs } = operation;
    this.#add(key, plugin, scope, name, { by, ttlMs });
    return Promise.resolve({ kind: 'done' });
  }

  /** Writes what there is; what Redis does not take now is lost. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#writeAll();
  }

  #add(key: string, plugin: string, scope: StorageScope, name: string, { by, ttlMs }: Sum): void {
    const counted = this.#counted.get(key) ?? { plugin, scope, sums: new Map<string, Sum>() };
    const sum = counted.sums.get(name);
    if (sum) sum.by += by;
    else if (this.#size < SUMS_MAX) {
      counted.sums.set(name, { by, ttlMs });
      this.#size += 1;
    } else {
      this.emit('lost', plugin, 1, new RookeryError('STATE_REFUSED', `${SUMS_MAX} sums wait for Redis already`));
      return;
    }
    this.#counted.set(key, counted);
    this.#cancel ??= this.options.clock.after(WRITE_MS, () => {
      this.#cancel = undefined;
      void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    await Promise.all(
      [...this.#counted.keys()].map(async (key) => {
        const counted = this.#taken(key);
        if (counted) await this.#write(counted);
      }),
    );
  }

  #taken(key: string): Counted | undefined {
    const counted = this.#counted.get(key);
    this.#counted.delete(key);
    this.#size -= counted?.sums.size ?? 0;
    return counted;
  }

  async #write({ plugin, scope, sums }: Counted): Promise<void> {
    await Promise.all(
      [...sums].map(async ([name, { by, ttlMs }]) => {
        const operation = { op: 'add', name, by, ...(ttlMs !== undefined && { ttlMs }) } as const;
        try {
          await this.options.storage(plugin, { scope, operation });
        } catch (thrown) {
          const error = toError(thrown);
          if (thrown instanceof RookeryError && thrown.code === 'STATE_REFUSED') this.emit('lost', plugin, 1, error);
          else this.#again(plugin, scope, name, { by, ttlMs }, error);
        }
      }),
    );
  }

  #again(plugin: string, scope: StorageScope, name: string, sum: Sum, error: Error): void {
    if (this.#stopped) return void this.emit('lost', plugin, 1, error);
    this.emit('trouble', error);
    this.#add(`${plugin} ${JSON.stringify(scope)}`, plugin, scope, name, sum);
  }
}
