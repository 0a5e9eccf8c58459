import type { Clock } from '@rookery/protocol';
import type { LinkLimits } from './limits';

export interface LivenessOptions {
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly ping: () => void;
  /** Asks NapCat for its status; false when it does not answer well. */
  readonly probe: () => Promise<boolean>;
  /** Called once; nothing is watched afterwards. */
  readonly onDead: (signal: 'no_pong' | 'no_heartbeat') => void;
}

/**
 * Watches whether the peer of one connection lives, by two signals. Socket: NapCat never pings and does not notice a dead peer, so
 * we ping; any frame counts as an answer. Heartbeat: its age, once one was seen (they can be switched off); a peer that is late is
 * asked for its status first, since heartbeats fail alone on some set-ups. While reading is paused neither signal says anything.
 */
export class Liveness {
  #cancelTick: (() => void) | undefined;
  #unanswered = 0;
  #beatAt: number | undefined;
  #beatMs = 0;
  #suspended = false;
  #probing = false;
  /** Grows when a running probe loses its meaning. */
  #epoch = 0;

  constructor(private readonly options: LivenessOptions) {}

  start(): void {
    this.#cancelTick = this.options.clock.after(this.options.limits.pingMs, () => this.#tick());
  }

  stop(): void {
    this.#epoch += 1;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** A frame or a pong came. */
  sign(): void {
    this.#unanswered = 0;
  }

  /** A heartbeat came. `intervalMs` as the frame states it; 0 or less: no further ones are to be expected. */
  beat(intervalMs: unknown): void {
    this.#beatMs = typeof intervalMs === 'number' ? intervalMs : this.options.limits.heartbeatMs;
    this.#beatAt = this.#beatMs > 0 ? this.options.clock.monotonic() : undefined;
  }

  suspend(): void {
    this.#suspended = true;
    this.#epoch += 1;
  }

  resume(): void {
    this.#suspended = false;
    this.#epoch += 1;
    this.#unanswered = 0;
    if (this.#beatAt !== undefined) this.#beatAt = this.options.clock.monotonic();
  }

  #tick(): void {
    this.start();
    if (this.#suspended) return;
    const { limits, clock, ping } = this.options;
    if (this.#unanswered >= limits.missedPings) {
      this.#dead('no_pong');
      return;
    }
    this.#unanswered += 1;
    ping();
    if (this.#beatAt === undefined || this.#probing) return;
    if (clock.monotonic() - this.#beatAt > limits.heartbeatFactor * this.#beatMs) void this.#askStatus();
  }

  async #askStatus(): Promise<void> {
    const epoch = this.#epoch;
    this.#probing = true;
    const isGood = await this.options.probe();
    this.#probing = false;
    if (epoch !== this.#epoch) return;
    if (isGood) this.#beatAt = this.options.clock.monotonic();
    else this.#dead('no_heartbeat');
  }

  #dead(signal: 'no_pong' | 'no_heartbeat'): void {
    this.stop();
    this.options.onDead(signal);
  }
}
