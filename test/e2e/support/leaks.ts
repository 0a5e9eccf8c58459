import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from '@rookery/redis';

/** Where a secret must not be, by the name of the place. */
export type Places = Readonly<Record<string, string>>;

/** Every place that holds a secret in some form that gives it away: `<secret> in <place>`. */
export function leaksIn(places: Places, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = formsOf(secret);
    return Object.entries(places)
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([place]) => `${name} in ${place}`);
  });
}

/** As it is, in URLs, in hexadecimal, and in Base64 wherever it begins within what was encoded. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const encoded = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The first and the last characters depend on what stands before and behind.
    return text.slice(before === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...encoded];
}

/** Every key of a Redis with all that it holds. */
export async function wholeRedis(redis: Redis): Promise<string> {
  const parts: string[] = [];
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'COUNT', '1000');
    for (const key of keys) parts.push(key, await valueOf(redis, key));
    cursor = next;
    if (cursor === '0') return parts.join('\n');
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return String(await redis.get(key));
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1', 'WITHSCORES'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    case 'none': // it has run out meanwhile
      return '';
    default:
      throw new Error(`${key} is a ${type}, which nobody here can read`);
  }
}

/** The append-only file: also what was in Redis for a moment only. */
export async function appendOnlyFile(redis: Redis): Promise<string> {
  const [, dir = ''] = (await redis.config('GET', 'dir')) as string[];
  const folder = join(dir, 'appendonlydir');
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')));
  return texts.join('\n');
}
