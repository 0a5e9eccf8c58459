import { SECOND, type Clock, type EventHead } from '@rookery/protocol';

export interface OverloadLimits {
  /** Milliseconds from reading a frame to handing its event to the conversation, past which the worker is behind. */
  readonly lagMs: number;
  /** Age of chatter past which it is skipped while the worker is behind, milliseconds. */
  readonly chatterMs: number;
}

/** How long the worker counts as behind after the last event that came late: one lull is not the end of a backlog. */
const CALM_MS = 5 * SECOND;

/** Whether this worker is behind. Ages compare the wall clocks of connector and worker: seconds matter here, not milliseconds. */
export class Overload {
  #lateAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly limits: OverloadLimits,
  ) {}

  heard(event: EventHead): void {
    if (this.#age(event) > this.limits.lagMs) this.#lateAt = this.clock.monotonic();
  }

  get active(): boolean {
    return this.clock.monotonic() - this.#lateAt < CALM_MS;
  }

  /** Chatter that nobody waits for any more. */
  isStale(event: EventHead): boolean {
    return this.active && this.#age(event) > this.limits.chatterMs;
  }

  #age(event: EventHead): number {
    return this.clock.now() - event.receivedAt;
  }
}
