import { RedisLeaseStore } from '@rookery/redis';
import type { Tenures } from './model';
import type { Stage } from './stage';

/** No lease is given and taken again so quickly. */
const EVERY_MS = 200;

/** Looks at the table of leases all the time, and compares with it how often accounts changed the connection they act over. */
export class Owners {
  readonly tenures: Tenures[] = [];
  readonly #epochs = new Map<string, Set<number>>();
  readonly #comebacks = new Map<string, number>();
  /** Accounts whose last holder has not acted yet: it does so in a later span. */
  readonly #silent = new Set<string>();
  readonly #store: RedisLeaseStore;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(private readonly stage: Stage) {
    this.#store = new RedisLeaseStore(stage.cluster.client, 'accounts');
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  /** A span between two faults is over, and every account has its holder. */
  close(): void {
    for (const self of this.stage.selves) {
      const epochs = this.#epochs.get(self) ?? new Set();
      const all = this.stage.cluster.comebacks(self);
      const comebacks = all - (this.#comebacks.get(self) ?? 0);
      const takeovers = Math.max(0, epochs.size - 1) + (this.#silent.has(self) ? 1 : 0);
      this.tenures.push({ self, until: Date.now(), comebacks, takeovers });
      this.#comebacks.set(self, all);
      if (takeovers > comebacks) this.#silent.add(self);
      else this.#silent.delete(self);
      this.#epochs.set(self, new Set([Math.max(0, ...epochs)]));
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const { key, epoch } of await this.#store.all()) {
        const known = this.#epochs.get(key) ?? new Set();
        this.#epochs.set(key, known.add(epoch));
      }
    } catch {
      // Redis is away: nobody takes anything meanwhile.
    } finally {
      this.#isLooking = false;
    }
  }
}
