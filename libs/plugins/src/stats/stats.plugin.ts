import {
  BotPlugin,
  Command,
  forGroupAdmins,
  image,
  InGroup,
  On,
  or,
  RoleAtLeast,
  SettingRefused,
  Superuser,
  text,
  texts,
  Use,
  type MessageContext,
  type Values,
} from '@rookery/plugin-kit';
import { groupOf, MINUTE, type MessageLike } from '@rookery/protocol';
import { z } from 'zod';
import { rankingPicture } from './ranking-picture';

const SAY = texts({
  today: { zh: '今天（{day}）', en: 'Today ({day})' },
  yesterday: { zh: '昨天（{day}）', en: 'Yesterday ({day})' },
  heading: { zh: '{when}本群发言 {total} 条：', en: '{when}, {total} messages in this group:' },
  line: { zh: '{place}. {name} {count} 条', en: '{place}. {name}: {count}' },
  others: { zh: '其他人 {count} 条', en: 'Others: {count}' },
  none: { zh: '{when}没有统计到发言。', en: '{when}: no messages were counted.' },
  off: {
    zh: '本群没有开启发言统计，管理员发送 /stats on 开启。',
    en: 'Messages are not counted here; an admin can begin with /stats on.',
  },
  days: { zh: '本群每天的发言：', en: 'Messages per day in this group:' },
  day: { zh: '{day} {count} 条', en: '{day}: {count}' },
  on: { zh: '已开启本群的发言统计。', en: 'Messages are counted here from now on.' },
  stopped: {
    zh: '已停止本群的发言统计，已有的数据保留到过期。',
    en: 'Messages are counted no more; what is there stays until it is old.',
  },
});

export const StatsConfig = z.object({
  /** IANA name; a day ends at midnight there. */
  timeZone: z.string().refine(isTimeZone, 'must be a time zone like Asia/Shanghai').default('Asia/Shanghai'),
  /** Most places of a ranking. */
  shown: forGroupAdmins(z.int().min(1).max(20).default(10)),
});

const DAY_MS = 24 * 60 * MINUTE;
/** Two days of so many people fit into the storage of one group, with a month of sums. */
const PEOPLE_MAX = 450;
const OTHERS = 'others';
const DAYS_SHOWN = 14;
const PAGE = 100;

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
    if (groupOf(c.event) === undefined) return;
    const day = dayOf(c.now, c.config(StatsConfig).timeZone);
    const { conversation } = c.storage;
    await Promise.all([
      conversation.tally(`${day}|${this.#named(c.event.conversation, day, c.event.sender.userId)}`, 1, { for: '3d' }),
      conversation.tally(`sum|${day}`, 1, { for: '31d' }),
    ]);
  }

  @Command('stats', {
    alias: '发言统计',
    summary: { zh: '今天的发言排行', en: 'Who spoke most today' },
    cooldown: '5s/group',
  })
  @Use(InGroup)
  today(c: MessageContext): Promise<MessageLike> {
    const day = dayOf(c.now, c.config(StatsConfig).timeZone);
    return ranking(c, day, c.text(SAY.today, { day }));
  }

  @Command('stats yesterday', {
    summary: { zh: '昨天的发言排行', en: 'Who spoke most yesterday' },
    cooldown: '5s/group',
  })
  @Use(InGroup)
  yesterday(c: MessageContext): Promise<MessageLike> {
    const day = dayOf(c.now - DAY_MS, c.config(StatsConfig).timeZone);
    return ranking(c, day, c.text(SAY.yesterday, { day }));
  }

  @Command('stats days', { summary: { zh: '每天的发言数', en: 'Messages per day' }, cooldown: '5s/group' })
  @Use(InGroup)
  async days(c: MessageContext): Promise<MessageLike> {
    const sums = await all(c.storage.conversation, 'sum|');
    const days = sums.map(({ name, count }) => ({ day: name.slice('sum|'.length), count })).slice(-DAYS_SHOWN);
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

async function ranking(c: MessageContext, day: string, when: string): Promise<MessageLike> {
  const counted = await all(c.storage.conversation, `${day}|`);
  if (counted.length === 0) {
    const ever = await c.storage.conversation.list('sum|', 1);
    return ever.length > 0 ? c.text(SAY.none, { when }) : c.text(SAY.off);
  }
  const people = counted
    .map(({ name, count }) => ({ user: name.slice(day.length + 1), count }))
    .sort((a, b) => b.count - a.count);
  const total = people.reduce((sum, { count }) => sum + count, 0);
  const first = people.filter(({ user }) => user !== OTHERS).slice(0, c.config(StatsConfig).shown);
  const rest = total - first.reduce((sum, { count }) => sum + count, 0);
  const names = await namesOf(c);
  const lines = first.map(({ user, count }, place) =>
    c.text(SAY.line, { place: place + 1, name: names.get(user) ?? user, count }),
  );
  const others = rest > 0 ? [c.text(SAY.others, { count: rest })] : [];
  return [
    text([c.text(SAY.heading, { when, total }), ...lines, ...others].join('\n')),
    image(`base64://${rankingPicture(first.map(({ count }) => count)).toString('base64')}`),
  ];
}

/** Of the members of the group; empty when they cannot be had, and numbers stand for them then. */
async function namesOf(c: MessageContext): Promise<ReadonlyMap<string, string>> {
  const result = await c.bot.memberList(groupOf(c.event) ?? '');
  if (result.outcome !== 'sent' || !Array.isArray(result.data)) return new Map();
  return new Map(result.data.map(({ card, nickname, user_id: id }) => [String(id), card || nickname || String(id)]));
}

/** Every counter whose name begins with the prefix. */
async function all(
  values: Values,
  prefix: string,
): Promise<readonly { readonly name: string; readonly count: number }[]> {
  const found: { name: string; count: number }[] = [];
  for (;;) {
    const page = await values.list<number>(prefix, PAGE, found.at(-1)?.name);
    found.push(...page.map(({ name, value }) => ({ name, count: value })));
    if (page.length < PAGE) return found;
  }
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

/** `2026-11-25`, as it is there. */
function dayOf(at: number, timeZone: string): string {
  return dates(timeZone).format(at);
}

const known = new Map<string, Intl.DateTimeFormat>();

/** One costs some 50 µs to make. Canada writes dates as ISO does. */
function dates(timeZone: string): Intl.DateTimeFormat {
  const found = known.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  known.set(timeZone, found);
  return found;
}

function isTimeZone(name: string): boolean {
  try {
    return dates(name).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
