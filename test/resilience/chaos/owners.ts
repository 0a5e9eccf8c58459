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
      const comebacks = this.stage.cluster.comebacks(self);
      this.tenures.push({
        self,
        until: Date.now(),
        comebacks: comebacks - (this.#comebacks.get(self) ?? 0),
        takeovers: Math.max(0, epochs.size - 1),
      });
      this.#comebacks.set(self, comebacks);
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
