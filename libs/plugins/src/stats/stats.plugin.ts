import {
  BotPlugin,
  Command,
  forGroupAdmins,
  Granted,
  InGroup,
  On,
  or,
  RoleAtLeast,
  SettingRefused,
  Superuser,
  Use,
  type MessageContext,
} from '@rookery/plugin-kit';
import { groupOf, MINUTE, type MessageLike } from '@rookery/protocol';
import { z } from 'zod';
import { dayOf, isTimeZone } from './calendar';
import { GROUP, groupsRanking, membersRanking, OTHERS, SUM, sumsByDay } from './rankings';
import { SAY } from './texts';

export const StatsConfig = z.object({
  /** IANA name; a day ends at midnight there. */
  timeZone: z.string().refine(isTimeZone, 'must be a time zone like Asia/Shanghai').default('Asia/Shanghai'),
  /** Most places of a ranking. */
  shown: forGroupAdmins(z.int().min(1).max(20).default(10)),
});

const DAY_MS = 24 * 60 * MINUTE;
/** Two days of so many people fit into the storage of one group, with a month of sums. */
const PEOPLE_MAX = 450;
const DAYS_SHOWN = 14;

interface Today {
  readonly day: string;
  readonly people: Set<string>;
}

/** Messages per group and day. Messages come here only where somebody has switched `count` on. */
@BotPlugin({ id: 'stats', title: { zh: '发言统计', en: 'Statistics' }, config: StatsConfig })
export class StatsPlugin {
  /** Who was counted by name today, by conversation. */
  readonly #today = new Map<string, Today>();

  @On('message', { off: true, priority: -20 })
  async count(c: MessageContext): Promise<void> {
    const group = groupOf(c.event);
    if (group === undefined) return;
    const day = dayOf(c.now, c.config(StatsConfig).timeZone);
    const { conversation } = c.storage;
    const isFirst = this.#today.get(c.event.conversation)?.day !== day;
    await Promise.all([
      conversation.tally(`${day}|${this.#named(c.event.conversation, day, c.event.sender.userId)}`, 1, { for: '3d' }),
      conversation.tally(SUM + day, 1, { for: '31d' }),
      isFirst ? listed(c, group) : undefined,
    ]);
  }

  @Command('stats', {
    alias: '发言统计',
    summary: { zh: '今天的发言排行', en: 'Who spoke most today' },
    cooldown: '5s/group',
  })
  @Use(InGroup)
  today(c: MessageContext): Promise<MessageLike> {
    return membersRanking(c, today(c));
  }

  @Command('stats yesterday', {
    summary: { zh: '昨天的发言排行', en: 'Who spoke most yesterday' },
    cooldown: '5s/group',
  })
  @Use(InGroup)
  yesterday(c: MessageContext): Promise<MessageLike> {
    return membersRanking(c, yesterday(c));
  }

  @Command('stats groups', {
    alias: '群发言排行',
    summary: { zh: '今天各群的发言排行', en: 'In which groups most was said today' },
    cooldown: '5s/user',
  })
  @Use(Granted('stats'))
  groups(c: MessageContext): Promise<MessageLike> {
    return groupsRanking(c, today(c));
  }

  @Command('stats groups yesterday', {
    summary: { zh: '昨天各群的发言排行', en: 'In which groups most was said yesterday' },
    cooldown: '5s/user',
  })
  @Use(Granted('stats'))
  groupsYesterday(c: MessageContext): Promise<MessageLike> {
    return groupsRanking(c, yesterday(c));
  }

  @Command('stats days', { summary: { zh: '每天的发言数', en: 'Messages per day' }, cooldown: '5s/group' })
  @Use(InGroup)
  async days(c: MessageContext): Promise<MessageLike> {
    const days = (await sumsByDay(c)).slice(-DAYS_SHOWN);
    if (days.length === 0) return c.text(SAY.off);
    return [c.text(SAY.days), ...days.map((one) => c.text(SAY.day, one))].join('\n');
  }

  @Command('stats on', { summary: { zh: '开启本群的发言统计', en: 'Begins to count messages of this group' } })
  @Use(InGroup, or(RoleAtLeast('admin'), Superuser))
  on(c: MessageContext): Promise<string> {
    return switched(c, true);
  }

  @Command('stats off', { summary: { zh: '停止本群的发言统计', en: 'Counts messages of this group no more' } })
  @Use(InGroup, or(RoleAtLeast('admin'), Superuser))
  off(c: MessageContext): Promise<string> {
    return switched(c, false);
  }

  /** The person, or, where there is no room for more people, all others. */
  #named(conversation: string, day: string, user: string): string {
    let today = this.#today.get(conversation);
    if (today?.day !== day) {
      today = { day, people: new Set() };
      this.#today.set(conversation, today);
    }
    if (today.people.size < PEOPLE_MAX) today.people.add(user);
    return today.people.has(user) ? user : OTHERS;
  }
}

/** So that the group is found when groups are ranked. Kept for longer than a day: those of yesterday are asked for too. */
async function listed(c: MessageContext, group: string): Promise<void> {
  try {
    await c.storage.pool.set(GROUP + group, 1, { for: '3d' });
  } catch (thrown) {
    c.log.warn({ group, error: String(thrown) }, 'the group is missing from the ranking of groups today');
  }
}

interface Span {
  readonly day: string;
  readonly when: string;
  readonly shown: number;
}

function today(c: MessageContext): Span {
  const { timeZone, shown } = c.config(StatsConfig);
  const day = dayOf(c.now, timeZone);
  return { day, when: c.text(SAY.today, { day }), shown };
}

function yesterday(c: MessageContext): Span {
  const { timeZone, shown } = c.config(StatsConfig);
  const day = dayOf(c.now - DAY_MS, timeZone);
  return { day, when: c.text(SAY.yesterday, { day }), shown };
}

async function switched(c: MessageContext, on: boolean): Promise<string> {
  try {
    await c.settings.switch('stats', on, { handler: 'count' });
    return c.text(on ? SAY.on : SAY.stopped);
  } catch (thrown) {
    if (thrown instanceof SettingRefused) return c.text(thrown.why);
    throw thrown;
  }
}
