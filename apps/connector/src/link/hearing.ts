import { MINUTE, type Clock } from '@rookery/protocol';

/** Over how long the usual traffic is averaged: each event weighs 1/e after this time. */
const MEMORY_MS = 30 * MINUTE;
/** Least weight of heard events before anything is said about silence. */
const ENOUGH = 20;
/** A silence is unusual when this many events should have come in it. People talk in bursts, hence far above what chance needs. */
const MISSED = 30;
const LEAST_SILENCE_MS = 5 * MINUTE;

/**
 * Learns how often an account hears anything and tells a silence that does not fit. NapCats that stay connected, answer and
 * beat, and yet deliver no event any more, are seen by nothing else. Time without a connection is not counted.
 */
export class Hearing {
  /** Events and milliseconds listened, both decayed alike: their quotient is the usual rate. */
  #events = 0;
  #listened = 0;
  #lastAt: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** Listening begins, or begins again after an interruption. */
  begin(): void {
    this.#lastAt = this.clock.monotonic();
  }

  /** No event can come from now on. */
  end(): void {
    this.#lastAt = undefined;
  }

  /** An event came that was not of the connection itself. */
  heard(): void {
    const now = this.clock.monotonic();
    const passed = this.#lastAt === undefined ? 0 : now - this.#lastAt;
    const left = Math.exp(-passed / MEMORY_MS);
    this.#events = this.#events * left + 1;
    this.#listened = this.#listened * left + MEMORY_MS * (1 - left);
    this.#lastAt = now;
  }

  /** The present silence when it is longer than the usual traffic explains, in milliseconds. */
  get unusualSilenceMs(): number | undefined {
    if (this.#lastAt === undefined || this.#events < ENOUGH) return undefined;
    const silence = this.clock.monotonic() - this.#lastAt;
    return silence > Math.max(LEAST_SILENCE_MS, MISSED * this.usualIntervalMs) ? silence : undefined;
  }

  /** Milliseconds between two events, on average. */
  get usualIntervalMs(): number {
    return this.#listened / this.#events;
  }
}
