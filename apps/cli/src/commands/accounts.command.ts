import { Command } from 'commander';
import { readEnvironment } from '@rookery/config';
import type { ClusterSession } from '../cluster/session';
import { importNekoBot, type ImportOptions } from '../nekobot/import';
import { addClusterAccounts } from './cluster-accounts';

export function accountsCommand(session: ClusterSession): Command {
  const accounts = new Command('accounts').description('The accounts of the cluster.\n集群中的账号。');
  addClusterAccounts(accounts, session);
  accounts
    .command('import')
    .argument('<file>', 'NekoBot’s platforms_sources.json')
    .description(
      'Turns NekoBot’s platforms_sources.json into rookery.yaml.\n把 NekoBot 的平台配置转换为 rookery.yaml。',
    )
    .option('--qq <id=number>', 'QQ number of the entry with that id / 该 id 的 QQ 号', collect, {})
    .option('--write', 'add to rookery.yaml (or ROOKERY_CONFIG) instead of printing / 直接写入配置文件')
    .action((file: string, options: ImportOptions) => {
      const taken = importNekoBot(file, options, {
        env: readEnvironment(),
        print: (text) => void process.stdout.write(text),
        note: (text) => void process.stderr.write(`${text}\n`),
      });
      if (taken === 0) process.exitCode = 1;
    });
  return accounts;
}

/** `--qq main=10001 --qq second=10002` */
function collect(value: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = value.lastIndexOf('=');
  return { ...before, [value.slice(0, Math.max(at, 0))]: value.slice(at + 1) };
}
