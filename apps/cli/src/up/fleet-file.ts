import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';

const fleet = z.object({
  accounts: z.array(
    z.discriminatedUnion('mode', [
      z.object({ selfId: z.string(), mode: z.literal('forward'), url: z.string(), token: z.string() }),
      z.object({ selfId: z.string(), mode: z.literal('reverse'), token: z.string() }),
    ]),
  ),
});

/** Writes the accounts that the simulator reported where ROOKERY_FLEET points; only this user may read their tokens. */
export async function writeFleetFile(path: string, ready: unknown): Promise<void> {
  // Nobody can be banned there, and whoever looks at a demonstration does not want to wait.
  const limits = { profile: 'unlimited' };
  const accounts = fleet.parse(ready).accounts.map((account) => ({ ...account, limits }));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, stringify({ accounts }), { mode: 0o600 });
  await chmod(path, 0o600); // `mode` counts for new files only
}

export async function removeFleetFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
