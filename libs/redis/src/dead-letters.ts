import { MINUTE } from '@rookery/protocol';
import type { Redis } from './client';
import { parseDeadLetter, type DeadLetter } from './failed-handling';
import { keys } from './keys';
import { PUT_DEAD_LETTER } from './scripts/put-dead-letter';

export interface DeadLetterFilter {
  readonly plugin?: string;
  readonly code?: string;
  /** Number of the account that saw the event. */
  readonly account?: string;
  /** Given up at this moment or later, milliseconds since 1970. */
  readonly since?: number;
}

export interface DeadLettersLimits {
  readonly count: number;
  readonly maxAgeMs: number;
}

const LIMITS: DeadLettersLimits = { count: 10_000, maxAgeMs: 7 * 24 * 60 * MINUTE };
const PAGE = 200;

/** What is not tried again by itself, newest first, bounded by count and age. */
export class DeadLetters {
  constructor(
    private readonly redis: Redis,
    private readonly limits: DeadLettersLimits = LIMITS,
  ) {}

  /** Returns how many of the oldest were dropped for it. The same id again replaces the letter. */
  async put(letter: DeadLetter): Promise<number> {
    const { count, maxAgeMs } = this.limits;
    const [index, letters] = [keys.deadLetterAge(), keys.deadLetters()];
    return Number(
      await this.redis.eval(PUT_DEAD_LETTER, 2, index, letters, letter.id, JSON.stringify(letter), count, maxAgeMs),
    );
  }

  async count(): Promise<number> {
    return this.redis.zcard(keys.deadLetterAge());
  }

  async find(id: string): Promise<DeadLetter | undefined> {
    const text = await this.redis.hget(keys.deadLetters(), id);
    return text === null ? undefined : parseDeadLetter(text);
  }

  /** At most `limit` of those that pass the filter, newest first. */
  async list(filter: DeadLetterFilter, limit: number): Promise<readonly DeadLetter[]> {
    const found: DeadLetter[] = [];
    for (let start = 0; ; start += PAGE) {
      const ids = await this.redis.zrevrange(keys.deadLetterAge(), start, start + PAGE - 1);
      if (ids.length === 0) return found;
      for (const text of await this.redis.hmget(keys.deadLetters(), ...ids)) {
        if (text === null) continue;
        const letter = parseDeadLetter(text);
        if (!passes(letter, filter)) continue;
        found.push(letter);
        if (found.length === limit) return found;
      }
    }
  }

  /** False when it was not there any more. */
  async drop(id: string): Promise<boolean> {
    await this.redis.zrem(keys.deadLetterAge(), id);
    return (await this.redis.hdel(keys.deadLetters(), id)) === 1;
  }
}

function passes(letter: DeadLetter, { plugin, code, account, since }: DeadLetterFilter): boolean {
  return (
    (plugin === undefined || letter.plugin === plugin) &&
    (code === undefined || letter.error.code === code) &&
    (account === undefined || letter.event.self === account) &&
    (since === undefined || letter.at >= since)
  );
}
