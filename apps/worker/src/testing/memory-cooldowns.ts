import type { Clock } from '@rookery/protocol';
import type { CooldownStore } from '../dispatch/cooldown-watch';

interface Running {
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
  told: boolean;
}

/** Who called what, as Redis would keep it, for as long as a test lives. */
export class MemoryCooldowns implements CooldownStore {
  readonly #running = new Map<string, Running>();

  constructor(private readonly clock: Clock) {}

  begin(key: string, event: string, ms: number): Promise<{ readonly remainingMs: number; readonly tell: boolean }> {
    const now = this.clock.now();
    const running = this.#running.get(key);
    if (!running || running.ends <= now) {
      this.#running.set(key, { event, ends: now + ms, told: false });
      return Promise.resolve({ remainingMs: 0, tell: false });
    }
    if (running.event === event) return Promise.resolve({ remainingMs: 0, tell: false });
    const tell = !running.told;
    running.told = true;
    return Promise.resolve({ remainingMs: running.ends - now, tell });
  }
}
