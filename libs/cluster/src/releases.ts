import { toError, type Clock } from '@rookery/protocol';
import type { Lease } from './lease-store';

export interface ReleasesOptions {
  readonly clock: Clock;
  /** Gives leases back to the store. */
  readonly release: (leases: readonly Lease[]) => Promise<void>;
  /** Resolves when nothing is under way for the key any more. */
  readonly settled: (lease: Lease) => Promise<void>;
  /** A lease is given back after this long even if something is still under way. */
  readonly settleMs: number;
  readonly onReleased: () => void;
  readonly onTrouble: (error: Error) => void;
}

/** Leases on their way back to the store: not acted on any more, not free for others yet. */
export class Releases {
  readonly #leaving = new Map<string, Lease>();
  /** Keys that are settled. */
  #ready: string[] = [];
  #flushing = false;
  #onEmpty: () => void = () => undefined;

  constructor(private readonly options: ReleasesOptions) {}

  has(key: string): boolean {
    return this.#leaving.has(key);
  }

  get size(): number {
    return this.#leaving.size;
  }

  /** Waits until the key is settled, then gives it back. */
  add(lease: Lease): void {
    this.#leaving.set(lease.key, lease);
    void this.#settle(lease).then(() => this.#give(lease.key));
  }

  /** The store says that this node has a lease: it gives back what it did not know of, and the others under the epoch of now. */
  found(lease: Lease): void {
    const isKnown = this.#leaving.has(lease.key);
    this.#leaving.set(lease.key, lease);
    if (!isKnown) void this.#give(lease.key);
  }

  /** Tries again what the store did not take. */
  async retry(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while (this.#ready.length > 0) {
        const keys = this.#ready;
        const batch = keys.flatMap((key) => this.#leaving.get(key) ?? []);
        await this.options.release(batch);
        this.#ready = this.#ready.slice(keys.length);
        for (const lease of batch) {
          if (this.#leaving.get(lease.key)?.epoch === lease.epoch) this.#leaving.delete(lease.key);
          else this.#ready.push(lease.key);
        }
        this.options.onReleased();
      }
    } catch (thrown) {
      this.options.onTrouble(toError(thrown));
    } finally {
      this.#flushing = false;
    }
    if (this.#leaving.size === 0) this.#onEmpty();
  }

  /** Resolves when everything was given back. */
  async empty(): Promise<void> {
    if (this.#leaving.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
  }

  async #give(key: string): Promise<void> {
    this.#ready = [...this.#ready, key];
    await this.retry();
  }

  async #settle(lease: Lease): Promise<void> {
    const { clock, settleMs, settled, onTrouble } = this.options;
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => (cancel = clock.after(settleMs, resolve)));
    const done = settled(lease).catch((thrown: unknown) => onTrouble(toError(thrown)));
    await Promise.race([done, limit]);
    cancel();
  }
}
