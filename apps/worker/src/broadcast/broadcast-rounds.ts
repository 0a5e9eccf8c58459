import { EventEmitter } from 'node:events';
import { SECOND, toError, type BroadcastId, type Clock } from '@rookery/protocol';
import { addedUp, NOTHING_LEFT, type TargetsLeft } from './targets-left';

/** One broadcast that is being carried out. */
export interface Running {
  /** Something may be wanted of it. */
  wake(): void;
  /** Does nothing more; what it has handed out goes on without it. */
  stop(): Promise<void>;
  /** Resolves when it has ended, or was stopped. Never rejects. */
  readonly ended: Promise<void>;
  /** Its targets without an outcome, as it last saw them. */
  readonly left: TargetsLeft;
}

export interface BroadcastRoundsOptions {
  readonly clock: Clock;
  /** Epochs of the partitions that this worker holds now. */
  readonly held: () => ReadonlyMap<number, number>;
  /** Those of a partition that have not ended. */
  readonly open: (partition: number) => Promise<readonly BroadcastId[]>;
  readonly run: (partition: number, epoch: number, id: BroadcastId) => Running;
}

export interface BroadcastRoundsEvents {
  /** Another number of broadcasts is in hand now. */
  changed: [];
  trouble: [error: Error];
}

/** A lost notice costs at most this long. */
const ROUND_MS = 5 * SECOND;

interface Entry {
  readonly running: Running;
  readonly partition: number;
  readonly epoch: number;
}

/** Which broadcasts this worker carries out: those of the partitions that it holds, for as long as it holds them. */
export class BroadcastRounds extends EventEmitter<BroadcastRoundsEvents> {
  readonly #entries = new Map<BroadcastId, Entry>();
  #stopped = false;
  #cancel: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(private readonly options: BroadcastRoundsOptions) {
    super();
  }

  /** Broadcasts in hand. */
  get size(): number {
    return this.#entries.size;
  }

  /** Of all broadcasts in hand together. */
  get left(): TargetsLeft {
    return [...this.#entries.values()].reduce((sum, { running }) => addedUp(sum, running.left), NOTHING_LEFT);
  }

  start(): void {
    this.poke();
    this.#cancel = this.options.clock.after(ROUND_MS, () => {
      if (!this.#stopped) this.start();
    });
  }

  /** A broadcast was added or changed, or the partitions that are held did. */
  poke(): void {
    if (this.#stopped) return;
    for (const { running } of this.#entries.values()) running.wake();
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = this.#look()
      .catch((thrown: unknown) => void this.emit('trouble', toError(thrown)))
      .finally(() => {
        this.#looking = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.poke();
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#looking;
    await Promise.all([...this.#entries.values()].map(({ running }) => running.stop()));
  }

  async #look(): Promise<void> {
    const { held, open, run } = this.options;
    const now = held();
    const lost = [...this.#entries].filter(([, { partition, epoch }]) => now.get(partition) !== epoch);
    await Promise.all(lost.map(([, { running }]) => running.stop()));
    const found = await Promise.all(
      [...now].map(async ([partition, epoch]) => (await open(partition)).map((id) => ({ id, partition, epoch }))),
    );
    for (const { id, partition, epoch } of found.flat()) {
      if (this.#stopped || this.#entries.has(id) || held().get(partition) !== epoch) continue;
      const running = run(partition, epoch, id);
      this.#entries.set(id, { running, partition, epoch });
      this.emit('changed');
      void running.ended.then(() => {
        this.#entries.delete(id);
        this.emit('changed');
      });
    }
  }
}
