import type { LimitScope, LimitSettings, LimitsInForce } from '@rookery/pacing';
import type { ConversationKey, SelfId } from '@rookery/protocol';
import type { LimitControl } from '@rookery/service';
import { CommandFailure } from '../failure';
import type { CommandContext, CommandOptions } from './account-commands';
import { parseLimits, sourceText, writtenLimit } from './limit-text';
import { table, type Cell } from './table';

/** The commands on limits of a running cluster. Each resolves with the exit code. */
export class LimitCommands {
  constructor(
    private readonly control: LimitControl,
    private readonly context: CommandContext,
  ) {}

  /** All that was said anywhere, in the file and at run time. */
  async said({ json }: CommandOptions): Promise<number> {
    const said = await this.control.said();
    if (json) {
      this.context.print(`${JSON.stringify(said)}\n`);
      return 0;
    }
    const rows = said.flatMap(({ scope, from, limits }) =>
      Object.entries(limits).map(([setting, value]): Cell[] => [
        { text: scope },
        { text: from === 'file' ? 'rookery.yaml' : 'run time' },
        { text: setting },
        { text: writtenLimit(value) },
      ]),
    );
    this.context.print(table(['SCOPE', 'WHERE', 'SETTING', 'VALUE'], rows));
    this.context.print('What holds for an account: `rookery limits show <account>`. / 查看某个账号生效的限制。\n');
    return 0;
  }

  async inForce(self: SelfId, conversation: ConversationKey | undefined, { json }: CommandOptions): Promise<number> {
    const found = await this.control.inForce(self, conversation);
    this.context.print(json ? `${JSON.stringify(found)}\n` : limitTable(found));
    return 0;
  }

  async set(scope: LimitScope, words: readonly string[], { json }: CommandOptions): Promise<number> {
    if (words.length === 0) {
      throw new CommandFailure(
        'name what to set, for example profile=cautious or perDay=500\n请写出要设置的项，例如 perDay=500。',
      );
    }
    const now = await this.control.set(scope, parseLimits(words));
    if (json) this.context.print(`${JSON.stringify(now)}\n`);
    else {
      for (const [setting, value] of Object.entries(now)) this.context.print(`${setting} = ${writtenLimit(value)}\n`);
      this.context.print('In force on all connectors now, until it is cleared. / 已在所有 connector 生效。\n');
    }
    return 0;
  }

  async clear(scope: LimitScope, { json }: CommandOptions): Promise<number> {
    const cleared = await this.control.clear(scope);
    const text = cleared
      ? 'What rookery.yaml says counts again. / 恢复为配置文件的设置。'
      : 'Nothing had been set there. / 没有运行时设置。';
    this.context.print(json ? `${JSON.stringify({ cleared })}\n` : `${text}\n`);
    return cleared ? 0 : 1;
  }
}

function limitTable({ profile, settings, sources }: LimitsInForce): string {
  const rows = (Object.keys(settings) as (keyof LimitSettings)[]).map((setting): Cell[] => [
    { text: setting },
    { text: sourceText(sources[setting]) },
    { text: writtenLimit(settings[setting]) },
  ]);
  return table(
    ['SETTING', 'FROM', 'VALUE'],
    [[{ text: 'profile' }, { text: sourceText(sources.profile) }, { text: profile }], ...rows],
  );
}
