import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import { BEGIN_COOLDOWN } from './scripts/begin-cooldown';

export interface CooldownStanding {
  /** Milliseconds; 0: the caller may go on. */
  readonly remainingMs: number;
  /** The first refusal since it began. */
  readonly tell: boolean;
}

/** Cooldowns of the whole cluster. Redis time counts, and a key is gone by itself when its time is over. */
export class Cooldowns {
  constructor(private readonly redis: Redis) {}

  /** The event that began a cooldown may ask again. */
  async begin(key: string, event: string, ms: number): Promise<CooldownStanding> {
    const args = [event, Math.max(1, Math.round(ms))];
    const answer = await runScript(this.redis, BEGIN_COOLDOWN, [keys.cooldown(key)], args);
    const [remainingMs, tell] = answer as [number, number];
    return { remainingMs, tell: tell === 1 };
  }
}
