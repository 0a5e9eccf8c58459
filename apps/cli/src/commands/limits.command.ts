import { Command, InvalidArgumentError } from 'commander';
import type { LimitScope } from '@rookery/pacing';
import { isDecimalId, selfId, toError, type ConversationKey, type SelfId } from '@rookery/protocol';
import { parseScope } from '@rookery/redis';
import type { CommandOptions } from '../cluster/account-commands';
import type { ClusterSession } from '../cluster/session';

const JSON_OPTION = ['--json', 'print JSON / 输出 JSON'] as const;
const SCOPE = 'global, pool:<name>, account:<QQ number> or conversation:<key> / 范围';

/** `rookery limits`: how fast accounts may send, changed while the cluster runs. */
export function limitsCommand(session: ClusterSession): Command {
  const limits = new Command('limits').description('How fast accounts may send.\n账号的发送限制。');
  limits
    .command('show')
    .argument(
      '[account]',
      'QQ number; all that was set anywhere when it is left out / QQ 号，省略时列出全部设置',
      account,
    )
    .option('--in <conversation>', 'in this conversation, like group:default:700000001 / 在某个会话中')
    .description('What holds for an account, and where each setting comes from.\n查看账号生效的限制及其来源。')
    .option(...JSON_OPTION)
    .action((self: SelfId | undefined, options: CommandOptions & { in?: string }) =>
      session.run(({ limits: on }) =>
        self === undefined ? on.said(options) : on.inForce(self, options.in as ConversationKey | undefined, options),
      ),
    );
  limits
    .command('set')
    .argument('<scope>', SCOPE, scope)
    .argument(
      '<settings...>',
      'profile=cautious account=15/60 perDay=500 quietHours=23:30-07:00 …; off takes a limit away / 设置',
    )
    .description(
      'Stands over rookery.yaml until it is cleared; other settings that were set there stay.\n运行时修改限制。',
    )
    .option(...JSON_OPTION)
    .action((of: LimitScope, words: string[], options: CommandOptions) =>
      session.run(({ limits: on }) => on.set(of, words, options)),
    );
  limits
    .command('clear')
    .argument('<scope>', SCOPE, scope)
    .description('What rookery.yaml says counts again.\n清除运行时的设置。')
    .option(...JSON_OPTION)
    .action((of: LimitScope, options: CommandOptions) => session.run(({ limits: on }) => on.clear(of, options)));
  return limits;
}

function scope(text: string): LimitScope {
  try {
    return parseScope(text);
  } catch (thrown) {
    throw new InvalidArgumentError(toError(thrown).message);
  }
}

function account(text: string): SelfId {
  if (isDecimalId(text) && text !== '0') return selfId(text);
  throw new InvalidArgumentError('It must be a QQ number. / 必须是 QQ 号。');
}
