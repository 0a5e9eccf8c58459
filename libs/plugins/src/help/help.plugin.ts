import { BotPlugin, Command, type CommandInfo, type Locale, type MessageContext } from '@rookery/plugin-kit';

@BotPlugin({ id: 'help', title: { zh: '帮助', en: 'Help' } })
export class HelpPlugin {
  /** Both languages, that of the deployment first: a group rarely speaks only one. What the person may not use is not in it. */
  @Command('help [command:text...]', {
    alias: '帮助',
    summary: { zh: '列出全部指令，或说明其中一个', en: 'Lists all commands, or tells about one' },
  })
  async help(c: MessageContext, { command }: { command: string | undefined }): Promise<string> {
    const { locale } = c;
    const commands = await c.usableCommands();
    const wanted = command?.trim() ?? '';
    if (wanted === '') return list({ zh: '指令', en: 'Commands' }, commands, locale);
    const meant = commands.filter((info) => isMeant(info, wanted.toLowerCase()));
    if (meant.length > 0) return list({ zh: '用法', en: 'Usage' }, meant, locale);
    return inBoth(locale, {
      zh: '没有这个指令，发送 help 查看全部',
      en: 'There is no such command; help without a name lists all',
    });
  }
}

const inBoth = (locale: Locale, { zh, en }: { zh: string; en: string }) =>
  locale === 'zh' ? `${zh} · ${en}` : `${en} · ${zh}`;

function list(heading: { zh: string; en: string }, commands: readonly CommandInfo[], locale: Locale): string {
  const lines = commands.map(({ usage, alias, summary }) => {
    const names = alias.length > 0 ? `${usage} (${alias.join(', ')})` : usage;
    return `${names}\n  ${inBoth(locale, summary)}`;
  });
  return [inBoth(locale, heading), ...lines].join('\n');
}

/** By an alias, by the id of its plugin, or by the words it begins with; the prefix may be typed or left out. */
function isMeant({ usage, alias, plugin }: CommandInfo, wanted: string): boolean {
  if (plugin === wanted || alias.some((name) => name.toLowerCase() === wanted)) return true;
  const typed = `${usage.toLowerCase()} `;
  const bare = typed.replace(/^[^\p{L}\p{N}]+/u, '');
  return typed.startsWith(`${wanted} `) || bare.startsWith(`${wanted} `);
}
