import {
  BotPlugin,
  Command,
  InGroup,
  or,
  RoleAtLeast,
  Superuser,
  texts,
  Use,
  type MessageContext,
} from '@rookery/plugin-kit';
import { groupOf, RookeryError, type ActionResult } from '@rookery/protocol';
import { listPlugins, setConfig, showConfig, switchPlugin, type Switched } from './settings-commands';

const SAY = texts({
  done: { zh: '已完成。', en: 'Done.' },
  failed: { zh: '没有成功：{why}', en: 'That did not work: {why}' },
  unsure: { zh: '不确定是否成功，请在群里确认。', en: 'Nobody knows whether it worked; please look in the group.' },
  noQuote: { zh: '请引用要撤回的消息。', en: 'Quote the message that is to be taken back.' },
  muteTime: { zh: '禁言时间须在 1 秒到 30 天之间。', en: 'A mute lasts from 1 second to 30 days.' },
  members: { zh: '共 {count} 人：', en: '{count} members:' },
  more: { zh: '……还有 {count} 人', en: '… and {count} more' },
});
const MUTE_MAX_S = 30 * 24 * 60 * 60;
const SHOWN_MAX = 50;

/**
 * What admins of a group, and superusers, have the account do there, for which it must be an admin itself; and what they switch and
 * set about plugins.
 */
@BotPlugin({ id: 'admin', title: { zh: '群管理', en: 'Group administration' }, needs: ['moderate'] })
@Use(or(RoleAtLeast('admin'), Superuser))
export class AdminPlugin {
  @Command('kick <who:user> --block|-b', {
    summary: { zh: '移出群成员，--block 同时拒绝再次申请', en: 'Removes a member; --block keeps them out' },
  })
  @Use(InGroup)
  async kick(c: MessageContext, { who, block }: { who: string; block: boolean }): Promise<string> {
    return told(c, await c.bot.kick(groupIn(c), who, { block }));
  }

  @Command('mute <who:user> [time:duration=10m]', { summary: { zh: '禁言成员', en: 'Mutes a member' } })
  @Use(InGroup)
  async mute(c: MessageContext, { who, time }: { who: string; time: number }): Promise<string> {
    const seconds = Math.round(time / 1000);
    if (seconds < 1 || seconds > MUTE_MAX_S) return c.text(SAY.muteTime);
    return told(c, await c.bot.mute(groupIn(c), who, seconds));
  }

  @Command('unmute <who:user>', { summary: { zh: '解除禁言', en: 'Lets a member speak again' } })
  @Use(InGroup)
  async unmute(c: MessageContext, { who }: { who: string }): Promise<string> {
    return told(c, await c.bot.unmute(groupIn(c), who));
  }

  @Command('muteall <state:on|off>', { summary: { zh: '全员禁言开关', en: 'Mutes the whole group, or ends that' } })
  @Use(InGroup)
  async muteAll(c: MessageContext, { state }: { state: 'on' | 'off' }): Promise<string> {
    return told(c, await c.bot.muteAll(groupIn(c), state === 'on'));
  }

  @Command('recall', { summary: { zh: '撤回被引用的消息', en: 'Takes the quoted message back' } })
  @Use(InGroup)
  async recall(c: MessageContext): Promise<string> {
    const id = c.event.segments.find(({ type }) => type === 'reply')?.data['id'];
    if (typeof id !== 'string') return c.text(SAY.noQuote);
    return told(c, await c.bot.recall(id));
  }

  @Command('title <who:user> [title:text...]', {
    summary: { zh: '设置专属头衔，留空则取消', en: 'Gives a member a title, or takes it away' },
  })
  @Use(InGroup)
  async title(c: MessageContext, { who, title }: { who: string; title: string | undefined }): Promise<string> {
    return told(c, await c.bot.setTitle(groupIn(c), who, title ?? ''));
  }

  @Command('members', { summary: { zh: '列出群成员', en: 'Lists the members' }, cooldown: '10s/group' })
  @Use(InGroup)
  async members(c: MessageContext): Promise<string> {
    const result = await c.bot.memberList(groupIn(c));
    if (result.outcome !== 'sent' || !Array.isArray(result.data)) return told(c, result);
    const names = result.data.map(({ card, nickname, user_id: id }) => `${card || nickname || id} (${id})`);
    const shown = names.slice(0, SHOWN_MAX);
    const more = names.length > shown.length ? [c.text(SAY.more, { count: names.length - shown.length })] : [];
    return [c.text(SAY.members, { count: names.length }), ...shown, ...more].join('\n');
  }

  @Command('plugin list', {
    summary: { zh: '列出插件及其在这里的开关', en: 'Lists the plugins, and which are on here' },
  })
  plugins(c: MessageContext): Promise<string> {
    return listPlugins(c);
  }

  @Command('plugin on <plugin> [command:string...] --scope <scope>', {
    summary: { zh: '启用插件或其中一个指令', en: 'Switches a plugin, or one command of it, on' },
  })
  switchOn(c: MessageContext, switched: Switched): Promise<string> {
    return switchPlugin(c, true, switched);
  }

  @Command('plugin off <plugin> [command:string...] --scope <scope>', {
    summary: { zh: '停用插件或其中一个指令', en: 'Switches a plugin, or one command of it, off' },
  })
  switchOff(c: MessageContext, switched: Switched): Promise<string> {
    return switchPlugin(c, false, switched);
  }

  @Command('plugin reset <plugin> [command:string...] --scope <scope>', {
    summary: { zh: '清除开关，恢复为更大范围的设置', en: 'Takes a switch away: a wider scope counts again' },
  })
  reset(c: MessageContext, switched: Switched): Promise<string> {
    return switchPlugin(c, undefined, switched);
  }

  @Command('config show <plugin> --scope <scope>', {
    summary: { zh: '查看插件的配置', en: 'Shows the configuration of a plugin' },
  })
  config(c: MessageContext, { plugin, scope }: { plugin: string; scope: string | undefined }): Promise<string> {
    return showConfig(c, plugin, scope);
  }

  @Command('config set <plugin> <key> <value:text...> --scope <scope>', {
    summary: { zh: '设置插件的配置', en: 'Sets a key of the configuration of a plugin' },
  })
  set(
    c: MessageContext,
    wanted: { plugin: string; key: string; value: string; scope: string | undefined },
  ): Promise<string> {
    return setConfig(c, wanted);
  }

  @Command('config unset <plugin> <key> --scope <scope>', {
    summary: { zh: '清除插件的一项配置', en: 'Takes a key of the configuration of a plugin away' },
  })
  unset(c: MessageContext, wanted: { plugin: string; key: string; scope: string | undefined }): Promise<string> {
    return setConfig(c, wanted);
  }
}

/** The guards let messages of groups through only. */
function groupIn({ event }: MessageContext): string {
  const group = groupOf(event);
  if (group === undefined) throw new RookeryError('INTERNAL', 'a command for groups was called outside one');
  return group;
}

function told(c: MessageContext, { outcome, error }: ActionResult): string {
  switch (outcome) {
    case 'sent':
      return c.text(SAY.done);
    case 'refused':
    case 'not_sent':
      return c.text(SAY.failed, { why: error?.message ?? outcome });
    case 'unknown':
      return c.text(SAY.unsure);
  }
}
