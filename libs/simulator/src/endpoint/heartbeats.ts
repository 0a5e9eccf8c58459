import type { Clock } from '@rookery/protocol';

interface Beating {
  heartbeat(intervalMs: number): void;
}

/** The interval is walked through in this many steps, so that thousands of accounts do not beat in one instant. */
const SLOTS = 16;

/**
 * The heartbeats of all endpoints by one timer. As in NapCat, a newcomer's first beat comes after anything from 0 to one
 * interval; later ones are one interval apart.
 */
export class Heartbeats {
  private readonly slots: readonly Set<Beating>[] = Array.from({ length: SLOTS }, () => new Set<Beating>());
  private cancel: (() => void) | undefined;
  private next = 0;
  private added = 0;

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
  ) {
    if (intervalMs > 0) this.schedule();
  }

  add(endpoint: Beating): void {
    this.slots[this.added++ % SLOTS]?.add(endpoint);
  }

  close(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private schedule(): void {
    this.cancel = this.clock.after(this.intervalMs / SLOTS, () => {
      for (const endpoint of this.slots[this.next++ % SLOTS] ?? []) endpoint.heartbeat(this.intervalMs);
      this.schedule();
    });
  }
}
