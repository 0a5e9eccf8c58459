import type { AccountTransition } from '@rookery/redis';
import { pause, toError, type AccountState, type AccountStatus, type Clock, type SelfId } from '@rookery/protocol';

export interface StatusBoard {
  post(statuses: readonly AccountStatus[]): Promise<void>;
  remove(accounts: readonly SelfId[]): Promise<void>;
}

export interface StatusHistory {
  append(transitions: readonly AccountTransition[]): Promise<void>;
}

const RETRY_MS = 1_000;
/** Transitions that may wait for Redis; beyond it the oldest are given up. The history keeps no more of them either. */
const WAITING_MAX = 10_000;

/**
 * Brings account states to where the console reads them: to the board the newest state of each account, to the history every
 * transition, all that came up together in one call each, again until Redis has it. When this process stops, its accounts leave
 * the board.
 */
export class StatusPoster {
  #changed = new Map<SelfId, AccountStatus>();
  #transitions: AccountTransition[] = [];
  readonly #states = new Map<SelfId, AccountState>();
  readonly #posted = new Set<SelfId>();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly board: StatusBoard,
    private readonly history: StatusHistory,
    private readonly clock: Clock,
    private readonly onTrouble: (error: Error) => void,
  ) {}

  post(status: AccountStatus): void {
    this.#changed.set(status.self, status);
    this.#note(status);
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

  #note({ self, state: to, reason, since: at }: AccountStatus): void {
    const from = this.#states.get(self) ?? 'stopped';
    if (to === 'stopped') this.#states.delete(self);
    else this.#states.set(self, to);
    if (from === to) return;
    this.#transitions.push({ self, from, to, reason, at });
    if (this.#transitions.length > WAITING_MAX) this.#keep(this.#transitions);
  }

  #keep(transitions: AccountTransition[]): void {
    const tooMany = transitions.length - WAITING_MAX;
    this.#transitions = tooMany > 0 ? transitions.slice(tooMany) : transitions;
    if (tooMany > 0)
      this.onTrouble(new Error(`Redis was away for long: ${tooMany} transitions of accounts are not kept`));
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#changed.size > 0 || this.#transitions.length > 0) {
      const batch = [...this.#changed.values()];
      this.#changed = new Map();
      const transitions = this.#transitions;
      this.#transitions = [];
      let isAppended = false;
      try {
        await this.history.append(transitions);
        isAppended = true;
        await this.board.post(batch);
        for (const { self } of batch) this.#posted.add(self);
      } catch (error) {
        this.onTrouble(toError(error));
        if (this.#closed) return;
        // What was appended must not be appended again when only the board fails.
        if (!isAppended) this.#keep([...transitions, ...this.#transitions]);
        // A newer state that came meanwhile wins.
        for (const status of batch) if (!this.#changed.has(status.self)) this.#changed.set(status.self, status);
        await pause(this.clock, RETRY_MS);
      }
    }
  }
}
