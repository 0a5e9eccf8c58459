import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '@rookery/redis';
import { until } from '../../e2e/support/processes';

/** With `appendfsync everysec`, what is older has reached the disk. */
const UNSYNCED_MS = 1_000;
/** The end is torn: bytes that are left of what had not reached the disk, so that the file ends within an entry. */
const TORN_BYTES = 300;

/**
 * The machine of a Redis loses its power: the process ends, and of its append-only file is left what was there a second before, and a torn end.
 * `draw`: from [0, 1), where it is torn. Resolves with the time since when it may have forgotten, milliseconds since 1970.
 */
export async function cutPower(client: Redis, pid: number, draw: number): Promise<number> {
  const file = await appendOnlyFile(client);
  const since = Date.now();
  const { size: synced } = await stat(file);
  await delay(UNSYNCED_MS);
  process.kill(pid, 'SIGKILL');
  await until('Redis has ended', () => hasEnded(pid), 30_000);
  const { size } = await stat(file);
  await truncate(file, Math.min(size, synced + Math.floor(draw * TORN_BYTES)));
  return since;
}

/** To which commands are appended now; the one before it is complete. */
async function appendOnlyFile(client: Redis): Promise<string> {
  const [, dir = ''] = (await client.config('GET', 'dir')) as string[];
  const folder = join(dir, 'appendonlydir');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'));
  if (files.length !== 1) throw new Error(`one growing file was expected in ${folder}: ${files.join()}`);
  return join(folder, String(files[0]));
}

export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
