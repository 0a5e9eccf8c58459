import type { EventEmitter } from 'node:events';
import type { Clock } from '@rookery/protocol';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Under `npm start` one Ctrl-C arrives twice within milliseconds: the terminal interrupts us and npm, and npm passes its own on.
 * Nobody means "hurry" that soon after "stop".
 */
const ECHO_MS = 500;

/** Ctrl-C and its kin: the first asks to stop, each later one to hurry. A terminal that is gone counts as the first. */
export class StopRequests {
  /** Resolves at the first request. */
  readonly first: Promise<undefined>;
  #firstAt: number | undefined;
  #force: () => void = () => undefined;

  /** `signals` is the process; `screen`, its stdout, fails when the terminal or the reader of a pipe is gone. */
  constructor(signals: EventEmitter, screen: EventEmitter, clock: Pick<Clock, 'monotonic'>) {
    this.first = new Promise((resolve) => {
      for (const signal of SIGNALS) {
        signals.on(signal, () => {
          if (this.#firstAt === undefined) {
            this.#firstAt = clock.monotonic();
            resolve(undefined);
          } else if (clock.monotonic() - this.#firstAt >= ECHO_MS) {
            this.#force();
          }
        });
      }
      screen.on('error', () => resolve(undefined));
    });
  }

  onForced(call: () => void): void {
    this.#force = call;
  }
}
