import { EventEmitter } from 'node:events';
import { MINUTE, SECOND, type Clock } from '@rookery/protocol';

export interface FetchWatchEvents {
  /** These partitions are held and have yielded no answer for 15 s: nobody consumes them. */
  stuck: [partitions: readonly number[]];
  /** All that is held is being consumed again. */
  moving: [];
  /** Stuck for a minute: only a new process will help. Told once. */
  hopeless: [partitions: readonly number[]];
}

const LOOK_MS = 5 * SECOND;
/** Three times as long as a fetch from an empty queue takes. */
const STUCK_MS = 15 * SECOND;
const HOPELESS_MS = MINUTE;

/**
 * Finds fetch loops that have stopped although connections and leases are well: a lease tells that the process lives, and not
 * that it consumes. (BullMQ before 6.3.3 stopped that way after an outage of Redis, and called itself running.)
 */
export class FetchWatch extends EventEmitter<FetchWatchEvents> {
  #isStuck = false;
  #cancel: () => void = () => undefined;

  constructor(
    private readonly consume: { fruitless(ms: number): readonly number[] },
    private readonly clock: Clock,
  ) {
    super();
  }

  start(): void {
    this.#cancel = this.clock.after(LOOK_MS, () => this.#look());
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const hopeless = this.consume.fruitless(HOPELESS_MS);
    if (hopeless.length > 0) {
      this.emit('hopeless', hopeless);
      return;
    }
    const stuck = this.consume.fruitless(STUCK_MS);
    if (stuck.length > 0) this.emit('stuck', stuck);
    else if (this.#isStuck) this.emit('moving');
    this.#isStuck = stuck.length > 0;
    this.start();
  }
}
