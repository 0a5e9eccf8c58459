import { image, text, type MessageContext, type Values } from '@rookery/plugin-kit';
import { groupConversation, groupId, groupOf, type MessageLike } from '@rookery/protocol';
import { rankingPicture } from './ranking-picture';
import { SAY } from './texts';

/** All whom no room was left for are counted under this name. */
export const OTHERS = 'others';
/** Names in the storage: sums of a group by day, in that group; groups with sums, in their pool. */
export const SUM = 'sum|';
export const GROUP = 'group|';

interface Counted {
  readonly name: string;
  readonly count: number;
}

/** Who spoke most in the group of the message. */
export async function membersRanking(
  c: MessageContext,
  { day, when, shown }: { readonly day: string; readonly when: string; readonly shown: number },
): Promise<MessageLike> {
  const people = await counters(c.storage.conversation, `${day}|`);
  if (people.length === 0) {
    const ever = await c.storage.conversation.list(SUM, 1);
    return ever.length > 0 ? c.text(SAY.none, { when }) : c.text(SAY.off);
  }
  const total = sumOf(people);
  const named = people.filter(({ name }) => name !== OTHERS);
  const first = largest(named).slice(0, shown);
  const heading = c.text(SAY.heading, { when, total });
  return inWordsAndBars(c, { heading, first, names: await memberNames(c), rest: total - sumOf(first) }, SAY.others);
}

/** In which groups of the pool most was said; their own sums are read, so nothing is counted twice. */
export async function groupsRanking(
  c: MessageContext,
  { day, when, shown }: { readonly day: string; readonly when: string; readonly shown: number },
): Promise<MessageLike> {
  const known = await counters(c.storage.pool, GROUP);
  if (known.length === 0) return c.text(SAY.nowhere);
  const sums = await Promise.all(
    known.map(async ({ name }) => {
      const group = c.storage.ofConversation(groupConversation(c.event.pool, groupId(name)));
      return { name, count: (await group.get<number>(SUM + day)) ?? 0 };
    }),
  );
  const groups = largest(sums.filter(({ count }) => count > 0));
  if (groups.length === 0) return c.text(SAY.none, { when });
  const total = sumOf(groups);
  const first = groups.slice(0, shown);
  const heading = c.text(SAY.allGroups, { when, total, groups: groups.length });
  return inWordsAndBars(c, { heading, first, names: await groupNames(c), rest: total - sumOf(first) }, SAY.otherGroups);
}

/** What was said in this group, by day. */
export async function sumsByDay(
  c: MessageContext,
): Promise<readonly { readonly day: string; readonly count: number }[]> {
  return (await counters(c.storage.conversation, SUM)).map(({ name, count }) => ({ day: name, count }));
}

function inWordsAndBars(
  c: MessageContext,
  ranking: {
    readonly heading: string;
    readonly first: readonly Counted[];
    readonly names: ReadonlyMap<string, string>;
    readonly rest: number;
  },
  others: typeof SAY.others | typeof SAY.otherGroups,
): MessageLike {
  const { heading, first, names, rest } = ranking;
  const lines = first.map(({ name, count }, place) =>
    c.text(SAY.line, { place: place + 1, name: names.get(name) ?? name, count }),
  );
  const last = rest > 0 ? [c.text(others, { count: rest })] : [];
  return [
    text([heading, ...lines, ...last].join('\n')),
    image(`base64://${rankingPicture(first.map(({ count }) => count)).toString('base64')}`),
  ];
}

const largest = (counted: readonly Counted[]): readonly Counted[] =>
  counted.toSorted((one, other) => other.count - one.count);
const sumOf = (counted: readonly Counted[]): number => counted.reduce((sum, { count }) => sum + count, 0);

/** Of the members of the group; empty when they cannot be had, and numbers stand for them then. */
async function memberNames(c: MessageContext): Promise<ReadonlyMap<string, string>> {
  const result = await c.bot.memberList(groupOf(c.event) ?? '');
  if (result.outcome !== 'sent' || !Array.isArray(result.data)) return new Map();
  return new Map(result.data.map(({ card, nickname, user_id: id }) => [String(id), card || nickname || String(id)]));
}

/** Of the groups that the acting account is in; numbers stand for the others. */
async function groupNames(c: MessageContext): Promise<ReadonlyMap<string, string>> {
  const result = await c.bot.groupList();
  if (result.outcome !== 'sent' || !Array.isArray(result.data)) return new Map();
  return new Map(result.data.map(({ group_id: id, group_name: name }) => [String(id), name || String(id)]));
}

const PAGE = 100;

/** Every counter whose name begins with the prefix, which is left out. */
async function counters(values: Values, prefix: string): Promise<readonly Counted[]> {
  const found: Counted[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await values.list<number>(prefix, PAGE, after);
    found.push(...page.map(({ name, value }) => ({ name: name.slice(prefix.length), count: value })));
    if (page.length < PAGE) return found;
    after = page.at(-1)?.name;
  }
}
