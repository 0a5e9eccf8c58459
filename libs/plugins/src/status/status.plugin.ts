import {
  BotPlugin,
  Command,
  Granted,
  texts,
  Use,
  type Locale,
  type LocalText,
  type MessageContext,
} from '@rookery/plugin-kit';
import { ACCOUNT_STATES, MINUTE, SECOND, type AccountState, type AccountTally } from '@rookery/protocol';

const SAY = texts({
  fleet: { zh: 'Rookery {version}，已运行 {uptime}', en: 'Rookery {version}, up for {uptime}' },
  nodes: {
    zh: '节点：connector {connector}，worker {worker}，console {console}',
    en: 'Nodes: {connector} connectors, {worker} workers, {console} consoles',
  },
  accounts: { zh: '账号 {total}：{states}', en: 'Accounts {total}: {states}' },
  pool: { zh: '账号池 {name} {total}：{states}', en: 'Pool {name} {total}: {states}' },
  backlog: {
    zh: '积压：事件 {events}（最久 {oldest}），待发送 {actions}，待重试 {retries}，死信 {deadLetters}',
    en: 'Waiting: {events} events (oldest {oldest}), {actions} actions, {retries} retries, {deadLetters} dead letters',
  },
  account: { zh: '本账号 {self}：{state}', en: 'This account {self}: {state}' },
  since: { zh: '本账号 {self}：{state}，已 {time}', en: 'This account {self}: {state} for {time}' },
  reason: { zh: '原因：{reason}', en: 'Why: {reason}' },
  away: {
    zh: '现在查不到集群状态（Redis 没有回应），请稍后再试。',
    en: 'The cluster cannot be looked at now (Redis does not answer); try again soon.',
  },
});

const HOUR = 60 * MINUTE;
const STATES: Readonly<Record<AccountState, { readonly zh: string; readonly en: string }>> = {
  online: { zh: '在线', en: 'online' },
  deaf: { zh: '无消息', en: 'deaf' },
  connecting: { zh: '连接中', en: 'connecting' },
  offline: { zh: 'QQ 已掉线', en: 'offline' },
  paused: { zh: '已暂停', en: 'paused' },
  draining: { zh: '移交中', en: 'draining' },
  stopped: { zh: '已停止', en: 'stopped' },
  failed: { zh: '失败', en: 'failed' },
};

/** How the cluster stands; how many accounts there are is nobody's business but the operators'. */
@BotPlugin({ id: 'status', title: { zh: '运行状态', en: 'Status' } })
export class StatusPlugin {
  @Command('status', {
    alias: '状态',
    summary: { zh: '集群与本账号的运行状态', en: 'How the cluster and this account are' },
    cooldown: '3s/global',
  })
  @Use(Granted('status'))
  async status(c: MessageContext): Promise<string> {
    const status = await c.fleetStatus().catch((thrown: unknown) => {
      c.log.warn({ error: String(thrown) }, 'the cluster could not be looked at');
      return undefined;
    });
    if (!status) return c.text(SAY.away);
    const { version, startedAt, nodes, accounts, pool, account, backlog } = status;
    const tallied = (tally: AccountTally) => ({ total: totalOf(tally), states: inWords(tally, c.locale) });
    return [
      c.text(SAY.fleet, { version, uptime: duration(c.now - startedAt, c.locale) }),
      c.text(SAY.nodes, nodes),
      c.text(SAY.accounts, tallied(accounts)),
      ...(totalOf(pool) < totalOf(accounts) ? [c.text(SAY.pool, { name: c.event.pool, ...tallied(pool) })] : []),
      c.text(SAY.backlog, { ...backlog, oldest: duration(backlog.eventsOldest * SECOND, c.locale) }),
      ...(account ? accountLines(c, account) : []),
    ].join('\n');
  }
}

function accountLines(
  c: MessageContext,
  { self, state, reason, since }: NonNullable<Awaited<ReturnType<MessageContext['fleetStatus']>>['account']>,
): string[] {
  const words = { self, state: STATES[state][c.locale] };
  const first =
    since === undefined
      ? c.text(SAY.account, words)
      : c.text(SAY.since, { ...words, time: duration(c.now - since, c.locale) });
  return state === 'online' || reason === '' ? [first] : [first, c.text(SAY.reason, { reason })];
}

const totalOf = (tally: AccountTally): number => Object.values(tally).reduce((sum, count) => sum + count, 0);

/** `12 online, 1 offline`. */
function inWords(tally: AccountTally, locale: Locale): string {
  const words = ACCOUNT_STATES.flatMap((state) => {
    const count = tally[state];
    return count === undefined ? [] : [`${count} ${STATES[state][locale]}`];
  });
  return words.join(locale === 'zh' ? '，' : ', ') || '0';
}

const UNITS: readonly { readonly ms: number; readonly text: LocalText }[] = [
  { ms: 24 * HOUR, text: { zh: '天', en: 'd' } },
  { ms: HOUR, text: { zh: '小时', en: 'h' } },
  { ms: MINUTE, text: { zh: '分', en: 'min' } },
  { ms: SECOND, text: { zh: '秒', en: 's' } },
];

/** The two largest units: `3 d 4 h`. Clocks of two machines differ: less than nothing is nothing. */
function duration(ms: number, locale: Locale): string {
  const whole = Math.max(0, ms);
  const first = UNITS.findIndex((unit) => whole >= unit.ms);
  if (first === -1) return `0 ${UNITS.at(-1)?.text[locale] ?? ''}`;
  let left = whole;
  const parts = UNITS.slice(first, first + 2).flatMap(({ ms: unit, text }) => {
    const count = Math.floor(left / unit);
    left %= unit;
    return count > 0 ? [`${count} ${text[locale]}`] : [];
  });
  return parts.join(' ');
}
