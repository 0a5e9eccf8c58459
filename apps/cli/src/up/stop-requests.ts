import type { EventEmitter } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C and its kin: the first asks to stop, each further one to hurry. A terminal that is gone counts as the first. */
export class StopRequests {
  /** Resolves at the first request. */
  readonly first: Promise<undefined>;
  #count = 0;
  #force: () => void = () => undefined;

  /** `signals` is the process; `screen`, its stdout, fails when the terminal or the reader of a pipe is gone. */
  constructor(signals: EventEmitter, screen: EventEmitter) {
    this.first = new Promise((resolve) => {
      for (const signal of SIGNALS) {
        signals.on(signal, () => {
          this.#count += 1;
          if (this.#count > 1) this.#force();
          else resolve(undefined);
        });
      }
      screen.on('error', () => resolve(undefined));
    });
  }

  onForced(call: () => void): void {
    this.#force = call;
  }
}
