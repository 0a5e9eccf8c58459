import { EventEmitter } from 'node:events';
import type { Wanted } from '@rookery/cluster';
import { SECOND, toError, type Clock, type SelfId } from '@rookery/protocol';
import type { RegisteredAccount } from '@rookery/redis';

/** Where the accounts of the cluster are registered. */
export interface AccountSource {
  all(): Promise<readonly RegisteredAccount[]>;
  /** Grows with every change; 0 while there is none. */
  version(): Promise<number>;
  /** Registers what rookery.yaml names. */
  seed(): Promise<unknown>;
}

interface AccountsEvents {
  changed: [];
  /** The registry could not be read; it is looked at again. */
  trouble: [error: Error];
}

/** A lost notice of a change costs at most this long. */
const LOOK_MS = 10 * SECOND;

/** The accounts of the cluster, as this node read them last. */
export class Accounts extends EventEmitter<AccountsEvents> {
  #accounts: ReadonlyMap<SelfId, RegisteredAccount> = new Map();
  #wanted: Wanted = { keys: [] };
  #version: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(
    private readonly source: AccountSource,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Rejects when the registry cannot be read now. */
  async start(): Promise<void> {
    await this.#read();
    this.#lookLater();
  }

  stop(): void {
    this.#cancel();
  }

  get all(): ReadonlyMap<SelfId, RegisteredAccount> {
    return this.#accounts;
  }

  /** What connectors share out: all accounts that are not stopped. The same object until something changes. */
  get wanted(): Wanted {
    return this.#wanted;
  }

  /** Something may have changed. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      try {
        await this.#read();
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
      }
    });
    return this.#looking;
  }

  #lookLater(): void {
    this.#cancel = this.clock.after(LOOK_MS, () => void this.look().then(() => this.#lookLater()));
  }

  async #read(): Promise<void> {
    // Before the accounts: what changes in between is read again the next time.
    let version = await this.source.version();
    if (version === 0) {
      // A Redis that lost its data: what was added at run time is gone, and the accounts of the file must not be.
      await this.source.seed();
      this.#version = undefined;
      version = await this.source.version();
    }
    if (version === this.#version) return;
    const accounts = await this.source.all();
    this.#version = version;
    this.#accounts = new Map(accounts.map((account) => [account.selfId, account]));
    const running = accounts.filter(({ wanted }) => wanted !== 'stopped');
    this.#wanted = {
      keys: running.map(({ selfId }) => selfId),
      pins: new Map(running.flatMap(({ selfId, pinnedTo }) => (pinnedTo === undefined ? [] : [[selfId, pinnedTo]]))),
      standbys: new Set(
        running.flatMap((account) => (account.mode === 'forward' && account.attach === 'dual' ? [account.selfId] : [])),
      ),
    };
    this.emit('changed');
  }
}
