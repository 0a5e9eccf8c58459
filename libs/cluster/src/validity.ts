import type { Clock } from '@rookery/protocol';

/**
 * Whether this node may act on its leases now, by its own monotonic clock alone, so that it stops in time also when the store
 * does not answer, and also when the whole process was stopped for a while and timers could not run.
 */
export class Validity {
  #deadline = Number.NEGATIVE_INFINITY;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #state: 'new' | 'valid' | 'suspended' = 'new';
  #cancel: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onChange: (state: 'suspended' | 'resumed') => void,
  ) {}

  get isValid(): boolean {
    const now = this.clock.monotonic();
    return now < this.#deadline && now >= this.#quietUntil;
  }

  /** `deadline`: monotonic time at which others may begin to take over, less a margin. */
  renewed(deadline: number, quietMs: number): void {
    const now = this.clock.monotonic();
    this.#deadline = deadline;
    this.#quietUntil = quietMs > 0 ? now + quietMs : Number.NEGATIVE_INFINITY;
    this.#watch();
    this.#look();
  }

  close(): void {
    this.#cancel();
    this.#deadline = Number.NEGATIVE_INFINITY;
  }

  /** Timers count whole milliseconds and may come early: then what remains is waited for, or the end would pass unnoticed. */
  #watch(): void {
    this.#cancel();
    this.#cancel = this.clock.after(Math.ceil(this.#deadline - this.clock.monotonic()), () => {
      this.#look();
      if (this.isValid) this.#watch();
    });
  }

  #look(): void {
    const { isValid } = this;
    if (isValid && this.#state !== 'valid') {
      const wasSuspended = this.#state === 'suspended';
      this.#state = 'valid';
      if (wasSuspended) this.onChange('resumed');
    } else if (!isValid && this.#state === 'valid') {
      this.#state = 'suspended';
      this.onChange('suspended');
    }
  }
}
