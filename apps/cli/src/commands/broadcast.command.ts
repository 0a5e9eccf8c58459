import { Command, InvalidArgumentError } from 'commander';
import { broadcastId, type BroadcastId } from '@rookery/protocol';
import type { CommandOptions } from '../cluster/account-commands';
import type { SendOptions } from '../cluster/broadcast-commands';
import type { ClusterSession } from '../cluster/session';
import { numberFrom } from './numbers';

const JSON_OPTION = ['--json', 'print JSON / 输出 JSON'] as const;
const WEEK_S = 7 * 24 * 60 * 60;

const WISHES = [
  ['pause', 'paused', 'Sends nothing more until it is resumed.\n暂停群发。'],
  ['resume', 'running', 'Goes on with a paused one.\n继续群发。'],
  ['cancel', 'cancelled', 'Ends it; what was not sent is given up.\n取消群发，未发送的不再发送。'],
] as const;

/** `rookery broadcast`: one message for many groups or people. */
export function broadcastCommand(session: ClusterSession): Command {
  const broadcast = new Command('broadcast').description(
    'One message for many groups or friends, at the pace of the accounts.\n群发消息，按账号限速发送。',
  );
  broadcast
    .command('send')
    .argument('[text]', 'what to say; from standard input when it is left out / 文字，省略时从标准输入读取')
    .description('To all groups of the pool, unless some are named or --friends is given.\n默认发给账号池的全部群。')
    .option('--pool <name>', 'the accounts that send / 账号池')
    .option('--friends', 'to all friends instead / 发给全部好友')
    .option('--groups <numbers>', 'only to these groups: 1,2,3 or @file / 只发给这些群')
    .option('--users <numbers>', 'to these people, who must be friends of an account: 1,2,3 or @file / 发给这些好友')
    .option('--file <path>', 'read the text from a file / 从文件读取文字')
    .option(
      '--spread <seconds>',
      'spread it evenly over this time / 在这段时间内均匀发送',
      numberFrom(0, WEEK_S, 'any'),
    )
    .option(
      '--jitter <share>',
      'by which a step of the spread varies, 0 to 1 / 间隔的随机比例',
      numberFrom(0, 1, 'any'),
    )
    .option('--expires <seconds>', 'give up what is not sent by then / 到期未发的放弃', numberFrom(10, WEEK_S, 'whole'))
    .option(...JSON_OPTION)
    .action((text: string | undefined, options: SendOptions) =>
      session.run(({ broadcasts: on }) => on.send(text, options)),
    );
  broadcast
    .command('list')
    .description('Those that run and those of the last days.\n列出群发。')
    .option('--limit <n>', 'at most so many / 数量上限', numberFrom(1, 1_000, 'whole'), 20)
    .option(...JSON_OPTION)
    .action((options: CommandOptions & { limit: number }) => session.run(({ broadcasts: on }) => on.list(options)));
  one(
    broadcast,
    'show',
    'How far it is, and which targets were not reached; exit code 2 when it has ended and some were not.\n查看进度。',
  )
    .option('--failures <n>', 'at most so many of those / 失败数量上限', numberFrom(1, 1_000, 'whole'), 50)
    .action((id: BroadcastId, options: CommandOptions & { failures: number }) =>
      session.run(({ broadcasts: on }) => on.show(id, options)),
    );
  for (const [name, wish, text] of WISHES) {
    one(broadcast, name, text).action((id: BroadcastId, options: CommandOptions) =>
      session.run(({ broadcasts: on }) => on.want(id, wish, options)),
    );
  }
  return broadcast;
}

function one(broadcast: Command, name: string, text: string): Command {
  return broadcast
    .command(name)
    .argument('<id>', 'see `rookery broadcast list` / 群发编号', idOf)
    .description(text)
    .option(...JSON_OPTION);
}

function idOf(text: string): BroadcastId {
  try {
    return broadcastId(text);
  } catch {
    throw new InvalidArgumentError('It must be an id, see `rookery broadcast list`. / 必须是群发编号。');
  }
}
