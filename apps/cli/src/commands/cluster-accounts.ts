import { InvalidArgumentError, Option, type Command } from 'commander';
import { isDecimalId, nodeId, selfId, type NodeId, type SelfId } from '@rookery/protocol';
import type { AccountCommands, AddOptions, CommandOptions } from '../cluster/account-commands';
import type { ClusterSession } from '../cluster/session';

const JSON_OPTION = ['--json', 'print JSON / 输出 JSON'] as const;

const WISHES = [
  ['start', 'Connects and acts; also ends a pause.\n启动账号。'],
  ['stop', 'Disconnects and stays so, also over restarts.\n停止账号，重启后仍然停止。'],
  ['pause', 'Stays connected and reads, but sends nothing.\n暂停发送，保持连接。'],
  ['resume', 'Ends a pause.\n恢复发送。'],
] as const;

type OnAccount = (on: AccountCommands, self: SelfId, options: CommandOptions) => Promise<number>;

/** `rookery accounts …` against a running cluster. */
export function addClusterAccounts(accounts: Command, session: ClusterSession): void {
  accounts
    .command('list')
    .description('All accounts: state, since when, where, why.\n列出所有账号及其状态。')
    .option(...JSON_OPTION)
    .action((options: CommandOptions) => session.run(({ accounts: on }) => on.list(options)));
  accounts
    .command('add')
    .argument('<account>', 'QQ number / QQ 号', account)
    .description(
      'Adds an account at run time. The token is read from ROOKERY_ACCOUNT_TOKEN or standard input, never from the\n' +
        'command line, where other users could see it.\n运行时添加账号；token 只能来自环境变量或标准输入。',
    )
    .option('--forward <url>', 'Rookery dials NapCat there / 正向，NapCat 的地址')
    .option('--reverse', 'NapCat dials Rookery / 反向')
    .option('--pool <name>', 'accounts of one pool act as one bot / 账号池')
    .option('--since <day>', 'when the account was made, like 2026-01-31: a young one warms up / 注册日期，新号限速')
    .option('--token-stdin', 'read the token from standard input / 从标准输入读取 token')
    .addOption(new Option('--token [token]').hideHelp()) // refused by `add`, with the reason
    .option(...JSON_OPTION)
    .action((self: SelfId, options: AddOptions) => session.run(({ accounts: on }) => on.add(self, options)));
  const one = (name: string, text: string, act: OnAccount) =>
    accounts
      .command(name)
      .argument('<account>', 'QQ number / QQ 号', account)
      .description(text)
      .option(...JSON_OPTION)
      .action((self: SelfId, options: CommandOptions) => session.run(({ accounts: on }) => act(on, self, options)));
  one('remove', 'Takes out an account that was added at run time.\n移除运行时添加的账号。', (on, self, options) =>
    on.remove(self, options),
  );
  one('status', 'One account; exit code 2 when it should be online and is not.\n查看一个账号。', (on, self, options) =>
    on.status(self, options),
  );
  accounts
    .command('why')
    .argument('<account>', 'QQ number / QQ 号', account)
    .description('What waits to be sent by an account, and why.\n账号有哪些消息在等待，以及原因。')
    .option(...JSON_OPTION)
    .action((self: SelfId, options: CommandOptions) => session.run(({ why: on }) => on.show(self, options)));
  one('reconnect', 'A new connection now, whatever the back-off.\n立即重新连接。', (on, self, options) =>
    on.reconnect(self, options),
  );
  for (const [wish, text] of WISHES) one(wish, text, (on, self, options) => on.want(wish, self, options));
  accounts
    .command('move')
    .argument('<account>', 'QQ number / QQ 号', account)
    .argument(
      '[node]',
      'a connector, see `rookery nodes`; leave it out to let the cluster choose / 目标 connector',
      node,
    )
    .description('Moves an account to another connector, for as long as that lives.\n把账号移到另一个 connector。')
    .option(...JSON_OPTION)
    .action((self: SelfId, to: NodeId | undefined, options: CommandOptions) =>
      session.run(({ accounts: on }) => on.move(self, to ?? null, options)),
    );
  accounts
    .command('drain')
    .argument('<node>', 'a connector or worker, see `rookery nodes` / 进程名', node)
    .description('The node hands over what it holds and ends.\n让一个进程移交账号并退出。')
    .option(...JSON_OPTION)
    .action((name: NodeId, options: CommandOptions) => session.run(({ accounts: on }) => on.drain(name, options)));
}

function account(text: string): SelfId {
  if (isDecimalId(text) && text !== '0') return selfId(text);
  throw new InvalidArgumentError('It must be a QQ number. / 必须是 QQ 号。');
}

function node(text: string): NodeId {
  try {
    return nodeId(text);
  } catch {
    throw new InvalidArgumentError('It must be the name of a node, see `rookery nodes`. / 必须是进程名。');
  }
}
