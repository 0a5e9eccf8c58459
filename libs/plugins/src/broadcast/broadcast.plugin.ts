import { BotPlugin, Command, Granted, texts, Use, yesNo, type MessageContext } from '@rookery/plugin-kit';
import { RookeryError, SECOND, type BroadcastDetails, type BroadcastStatus, type ErrorCode } from '@rookery/protocol';

const SAY = texts({
  sure: {
    zh: '将由账号池 {pool} 发送给{whom}：\n{text}\n确定吗？（是/否）',
    en: 'Accounts of pool {pool} will send this to {whom}:\n{text}\nAre you sure? (yes/no)',
  },
  groups: { zh: '所有群', en: 'all groups' },
  friends: { zh: '所有好友', en: 'all friends' },
  dropped: { zh: '好的，不发送。', en: 'All right, nothing is sent.' },
  begun: {
    zh: '群发 {id} 已开始。查看进度：/broadcast show {id}',
    en: 'Broadcast {id} has begun. How far it is: /broadcast show {id}',
  },
  progress: {
    zh: '{id} {state}：已发送 {sent}/{total}，等待 {waiting}，进行中 {inHand}，被拒绝 {refused}，未发送 {not_sent}，不确定 {unknown}',
    en: '{id} {state}: {sent} of {total} sent, {waiting} wait, {inHand} in hand, {refused} refused, {not_sent} not sent, {unknown} unknown',
  },
  failures: { zh: '没有送达的（最近 {count} 个）：', en: 'Not reached (the latest {count}):' },
  none: { zh: '没有群发。', en: 'There are no broadcasts.' },
  failed: { zh: '没有成功：{why}', en: 'That did not work: {why}' },
});

const STATES: Readonly<Record<BroadcastStatus['state'], { readonly zh: string; readonly en: string }>> = {
  running: { zh: '进行中', en: 'is running' },
  paused: { zh: '已暂停', en: 'is paused' },
  cancelling: { zh: '正在取消', en: 'is being cancelled' },
  done: { zh: '已完成', en: 'is done' },
  cancelled: { zh: '已取消', en: 'was cancelled' },
  expired: { zh: '已过期', en: 'has expired' },
};
/** What went wrong is for who typed the command, and not for a retry. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'BROADCAST_UNKNOWN',
  'BROADCAST_ENDED',
  'BROADCAST_INVALID',
  'BROADCAST_REFUSED',
  'BROADCASTS_FULL',
  'ACTION_INVALID',
]);
const FAILURES_SHOWN = 5;
const TEXT_SHOWN = 200;

interface Wanted {
  readonly text: string;
  readonly friends: boolean;
  readonly pool: string | undefined;
  readonly spread: number | undefined;
}

/** One message for all groups or friends of a pool. Which of them got it, and what came of the rest, is known afterwards. */
@BotPlugin({ id: 'broadcast', title: { zh: '群发', en: 'Broadcast' } })
@Use(Granted('broadcast'))
export class BroadcastPlugin {
  @Command('broadcast send <text:text...> --friends|-f --pool|-p <pool> --spread|-s <time:duration>', {
    alias: '群发',
    summary: { zh: '向所有群或好友发送', en: 'Sends a text to all groups, or friends' },
  })
  async send(c: MessageContext, { text, friends, pool = c.event.pool, spread = 0 }: Wanted): Promise<string> {
    const whom = c.text(friends ? SAY.friends : SAY.groups);
    const message = text.trim();
    const shown = message.length > TEXT_SHOWN ? `${message.slice(0, TEXT_SHOWN)}…` : message;
    if (!(await c.ask(c.text(SAY.sure, { pool, whom, text: shown }), { parse: yesNo }))) return c.text(SAY.dropped);
    return politely(c, async () => {
      const to = friends ? 'friends' : 'groups';
      const { id } = await c.broadcast({ pool, to, message, spreadSeconds: Math.round(spread / SECOND) });
      return c.text(SAY.begun, { id });
    });
  }

  @Command('broadcast list', { alias: '群发列表', summary: { zh: '列出群发', en: 'Lists the broadcasts' } })
  list(c: MessageContext): Promise<string> {
    return politely(c, async () => {
      const lines = (await c.broadcasts.list()).map((status) => progress(c, status));
      return lines.length > 0 ? lines.join('\n') : c.text(SAY.none);
    });
  }

  @Command('broadcast show [id]', {
    alias: '群发进度',
    summary: { zh: '群发的进度，默认最近一次', en: 'How far a broadcast is; the latest unless one is named' },
  })
  show(c: MessageContext, { id }: { id: string | undefined }): Promise<string> {
    return politely(c, async () => {
      const wanted = id ?? (await c.broadcasts.list(1))[0]?.id;
      if (wanted === undefined) return c.text(SAY.none);
      const details = await (await c.broadcasts.find(wanted)).status(FAILURES_SHOWN);
      return [progress(c, details), ...failures(c, details)].join('\n');
    });
  }

  @Command('broadcast pause <id>', { summary: { zh: '暂停群发', en: 'Pauses a broadcast' } })
  pause(c: MessageContext, { id }: { id: string }): Promise<string> {
    return politely(c, async () => progress(c, await (await c.broadcasts.find(id)).pause()));
  }

  @Command('broadcast resume <id>', { summary: { zh: '继续群发', en: 'Resumes a broadcast' } })
  resume(c: MessageContext, { id }: { id: string }): Promise<string> {
    return politely(c, async () => progress(c, await (await c.broadcasts.find(id)).resume()));
  }

  @Command('broadcast cancel <id>', { summary: { zh: '取消群发', en: 'Cancels a broadcast' } })
  cancel(c: MessageContext, { id }: { id: string }): Promise<string> {
    return politely(c, async () => progress(c, await (await c.broadcasts.find(id)).cancel()));
  }
}

function progress(c: MessageContext, { id, state, counts }: BroadcastStatus): string {
  return c.text(SAY.progress, { id, state: STATES[state][c.locale], ...counts });
}

function failures(c: MessageContext, { failures: all }: BroadcastDetails): string[] {
  if (all.length === 0) return [];
  const lines = all.map(({ target, outcome, message }) => `${target.slice(1)} ${outcome}: ${message}`);
  return [c.text(SAY.failures, { count: all.length }), ...lines];
}

async function politely(c: MessageContext, act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof RookeryError && TOLD.has(thrown.code)) return c.text(SAY.failed, { why: thrown.message });
    throw thrown;
  }
}
