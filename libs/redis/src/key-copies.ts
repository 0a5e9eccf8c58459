import { RookeryError, toError } from '@rookery/protocol';
import type { Redis } from './client';
import { PREFIX } from './keys';
import { masters } from './servers';

/** A key with its value in Redis' own form, which every server of the same or a later version takes. */
export interface KeyCopy {
  readonly key: string;
  /** Milliseconds that are left of its life; 0: it stays. */
  readonly ttlMs: number;
  readonly value: Buffer;
}

const AT_ONCE = 500;
const PATTERN = `${PREFIX}:*`;

/**
 * Every key of Rookery, each exactly once. A snapshot only while nothing else writes: with processes at work, what belongs together in two
 * keys may be of different moments.
 */
export async function* copyKeys(redis: Redis): AsyncGenerator<KeyCopy> {
  // SCAN may name a key more than once.
  const seen = new Set<string>();
  for await (const names of scanned(redis)) {
    const fresh = names.filter((name) => !seen.has(name) && seen.add(name));
    for (const copy of await Promise.all(fresh.map((key) => copyKey(redis, key)))) if (copy !== undefined) yield copy;
  }
}

/** Undefined when it expired meanwhile. */
async function copyKey(redis: Redis, key: string): Promise<KeyCopy | undefined> {
  const [value, ttlMs] = await Promise.all([redis.dumpBuffer(key), redis.pttl(key)]);
  return value === null ? undefined : { key, ttlMs: Math.max(0, ttlMs), value };
}

/** Rejects with REDIS_UNSUITABLE when the server does not take a value, mostly since it is older than the one that gave it. */
export async function pasteKeys(redis: Redis, copies: readonly KeyCopy[]): Promise<void> {
  await Promise.all(copies.map(({ key, ttlMs, value }) => redis.restore(key, ttlMs, value))).catch(
    (thrown: unknown) => {
      throw new RookeryError(
        'REDIS_UNSUITABLE',
        `Redis does not take a copied value (${toError(thrown).message}); restore into an empty Redis of the same or a later version`,
        { cause: thrown },
      );
    },
  );
}

export async function hasKeys(redis: Redis): Promise<boolean> {
  for await (const names of scanned(redis)) if (names.length > 0) return true;
  return false;
}

/** Removes every key of Rookery and no other. Returns how many. */
export async function removeKeys(redis: Redis): Promise<number> {
  let removed = 0;
  for await (const names of scanned(redis)) {
    removed += (await Promise.all(names.map((name) => redis.unlink(name)))).reduce((sum, count) => sum + count, 0);
  }
  return removed;
}

async function* scanned(redis: Redis): AsyncGenerator<string[]> {
  for (const server of masters(redis)) {
    let cursor = '0';
    do {
      const [next, names] = await server.scan(cursor, 'MATCH', PATTERN, 'COUNT', AT_ONCE);
      yield names;
      cursor = next;
    } while (cursor !== '0');
  }
}
