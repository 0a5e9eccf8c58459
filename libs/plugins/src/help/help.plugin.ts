import { BotPlugin, Command, type MessageContext } from '@rookery/plugin-kit';

@BotPlugin({ id: 'help', title: { zh: '帮助', en: 'Help' } })
export class HelpPlugin {
  /** Both languages, that of the deployment first: a group rarely speaks only one. */
  @Command('help', { alias: '帮助', summary: { zh: '列出全部指令', en: 'Lists all commands' } })
  help({ commands, locale }: MessageContext): string {
    const both = ({ zh, en }: { zh: string; en: string }) => (locale === 'zh' ? `${zh} · ${en}` : `${en} · ${zh}`);
    const lines = commands.map(({ usage, alias, summary }) => {
      const names = alias.length > 0 ? `${usage} (${alias.join(', ')})` : usage;
      return `${names}\n  ${both(summary)}`;
    });
    return [both({ zh: '指令', en: 'Commands' }), ...lines].join('\n');
  }
}
