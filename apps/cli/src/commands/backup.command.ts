import { Command } from 'commander';
import { loadConfig, readEnvironment } from '@rookery/config';
import { connectRedis } from '@rookery/redis';
import { BackupCommands } from '../backup/backup-commands';
import { clusterRedisUrl } from '../cluster/cluster-redis';

/** `rookery backup`: everything that Rookery keeps in Redis, into one file. */
export function backupCommand(): Command {
  return new Command('backup')
    .argument('<file>', 'holds messages and sealed tokens; keep it like a secret / 含消息内容，请妥善保管')
    .description(
      'Writes what a stopped cluster keeps in Redis into a file.\n把已停止的集群在 Redis 中的数据备份到文件。',
    )
    .action((file: string) => inRedis('saved / 已备份', (commands) => commands.backup(file)));
}

/** `rookery restore`: back into an empty Redis. */
export function restoreCommand(): Command {
  return new Command('restore')
    .argument('<file>', 'made by `rookery backup` / 由 `rookery backup` 生成')
    .option('--replace', 'remove what Rookery has in this Redis first / 先清除 Redis 中 Rookery 的数据')
    .description('Brings a backup back into Redis.\n把备份恢复到 Redis。')
    .action((file: string, { replace = false }: { replace?: boolean }) =>
      inRedis('restored / 已恢复', (commands) => commands.restore(file, { replace })),
    );
}

async function inRedis(done: string, command: (commands: BackupCommands) => Promise<number>): Promise<void> {
  const env = readEnvironment();
  const url = await clusterRedisUrl(env, loadConfig(env));
  const redis = await connectRedis(url, 'consumer', 'rookery-cli', () => undefined);
  try {
    const keys = await command(new BackupCommands(redis));
    process.stdout.write(`${keys} keys ${done}\n`);
  } finally {
    redis.disconnect();
  }
}
