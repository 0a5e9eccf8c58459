import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPrivateRedis } from '@rookery/redis';
import { RookeryError, toError } from '@rookery/protocol';

/**
 * Script of a process that keeps a Redis for as long as its parent lives, and takes the folder away with it, however the parent ended.
 * Arguments: the folder, and the server's binary.
 */
async function keep(folder: string, binary: string): Promise<void> {
  const redis = await startPrivateRedis({ binary, dataDir: join(folder, 'redis'), appendOnly: true });
  const end = async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit(0);
  };
  for (const sign of ['SIGTERM', 'SIGINT'] as const) process.on(sign, () => void end());
  process.on('disconnect', () => void end());
  if (process.connected) process.send?.({ type: 'ready', url: redis.url });
  else await end();
}

const [folder = '', binary = ''] = process.argv.slice(2);
keep(folder, binary).catch((thrown: unknown) => {
  const error = toError(thrown);
  const code = error instanceof RookeryError ? error.code : 'INTERNAL';
  process.send?.({ type: 'fatal', code, message: error.message }, () => process.exit(1));
});
