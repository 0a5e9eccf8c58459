import type { Clock } from '@rookery/protocol';

/** The time of Redis, milliseconds since 1970, as far as its last answer tells; ours before there was one. */
export class RedisTime {
  /** Redis' time minus ours. */
  #offset: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** An answer that has just come says what time it was. */
  see(now: number): void {
    this.#offset = now - this.clock.monotonic();
  }

  now(): number {
    return this.#offset === undefined ? this.clock.now() : this.clock.monotonic() + this.#offset;
  }
}
