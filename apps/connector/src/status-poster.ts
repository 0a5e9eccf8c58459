import { toError, type AccountStatus, type Clock, type SelfId } from '@rookery/protocol';

export interface StatusBoard {
  post(statuses: readonly AccountStatus[]): Promise<void>;
  remove(accounts: readonly SelfId[]): Promise<void>;
}

const RETRY_MS = 1_000;

/**
 * Brings account states to where the console reads them: the newest state of each account, all that changed in one call, again
 * until Redis has it. When this process stops, its accounts leave the board.
 */
export class StatusPoster {
  #changed = new Map<SelfId, AccountStatus>();
  readonly #posted = new Set<SelfId>();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly board: StatusBoard,
    private readonly clock: Clock,
    private readonly onTrouble: (error: Error) => void,
  ) {}

  post(status: AccountStatus): void {
    this.#changed.set(status.self, status);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    try {
      await this.board.remove([...this.#posted]);
    } catch (error) {
      this.onTrouble(toError(error));
    }
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#changed.size > 0) {
      const batch = [...this.#changed.values()];
      this.#changed = new Map();
      try {
        await this.board.post(batch);
        for (const { self } of batch) this.#posted.add(self);
      } catch (error) {
        this.onTrouble(toError(error));
        if (this.#closed) return;
        // A newer state that came meanwhile wins.
        for (const status of batch) if (!this.#changed.has(status.self)) this.#changed.set(status.self, status);
        await new Promise<void>((resolve) => this.clock.after(RETRY_MS, resolve));
      }
    }
  }
}
