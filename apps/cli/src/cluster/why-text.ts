import { assertNever } from '@rookery/protocol';
import type { AccountWhy, WaitReason } from '@rookery/service';
import { sourceText } from './limit-text';
import { oneLine } from './show';
import { age } from './table';

/** More than a person reads; `--json` has all of them. */
const MOST_REASONS = 20;

/** What waits for an account and why, a sentence for each reason. */
export function whyText(why: AccountWhy): string {
  const { account, lanes, now, reasons, slow, profile, windows, day } = why;
  const waiting = lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  const counts = lanes.map(({ lane, waiting: count, oldestAt }) => {
    return `${lane} ${count}${oldestAt === undefined ? '' : ` (${age(now - oldestAt)})`}`;
  });
  const used = windows.map(({ of, used: sent, sends, seconds }) => `${of} ${sent}/${sends} in ${amount(seconds)} s`);
  if (day) used.push(`day ${day.used}/${day.most}`);
  const lines = [
    `Account ${account.self} is ${account.state}. / 账号 ${account.self} 的状态为 ${account.state}。`,
    `${waiting} to be sent: ${counts.join(', ')}. / 等待发送 ${waiting} 条（括号内为最久的等待时间）。`,
    `Limits: profile ${profile}${used.length > 0 ? `; used: ${used.join(', ')}` : ''}. / 限制的使用情况。`,
    ...(slow > 1 ? [`It is young: everything takes ${amount(slow)} times as long (warmUp). / 新账号限速中。`] : []),
    ...reasons.slice(0, MOST_REASONS).map((reason) => `- ${sentence(reason, now)}`),
  ];
  const more = reasons.length - MOST_REASONS;
  if (more > 0) lines.push(`- and ${more} more, see --json / 还有 ${more} 项，用 --json 查看`);
  if (reasons.length === 0) lines.push(waiting === 0 ? NOTHING_WAITS : NOTHING_HOLDS);
  return lines.map((line) => `${line}\n`).join('');
}

const NOTHING_WAITS = 'Nothing waits, and nothing would hold a send back. / 没有等待的消息，也没有限制在生效。';
const NOTHING_HOLDS =
  'Nothing holds them back: they leave one after the other. If they stay, see `rookery nodes`. / 没有限制，正在依次发送；若一直不减少，请看 rookery nodes。';

function sentence(reason: WaitReason, now: number): string {
  const left = (until: number): string => age(Math.ceil(Math.max(0, until - now) / 1000) * 1000);
  switch (reason.kind) {
    case 'state':
      return `It cannot send while it is ${reason.state}: ${oneLine(reason.text)}. / 当前状态为 ${reason.state}，不能发送。`;
    case 'breaker': {
      const of = oneLine(reason.of);
      return `Sends failed in a row (${of}); one is tried in ${left(reason.until)}. / 连续发送失败（${of}），${left(reason.until)} 后重试一次。`;
    }
    case 'muted': {
      const chat = oneLine(reason.chat);
      return `It is muted in ${chat} for ${left(reason.until)} more. / 在 ${chat} 中被禁言，剩余 ${left(reason.until)}。`;
    }
    case 'cold_start':
      return `It has just begun or reconnected and rests for ${left(reason.until)} more. / 刚刚启动或重连，${left(reason.until)} 后开始发送。`;
    case 'gap':
      return `The gap between two sends lasts ${left(reason.until)} more. / 两次发送的间隔还剩 ${left(reason.until)}。`;
    case 'quiet_hours':
      return `Quiet hours: only replies leave for ${left(reason.until)} more. / 安静时段，${left(reason.until)} 内只发送回复。`;
    case 'window': {
      const { of, used, sends, seconds, source } = reason.window;
      const what = of === 'account' ? 'The account' : `Actions of ${of}`;
      return `${what} used ${used} of ${sends} in ${amount(seconds)} s (${sourceText(source)}). / ${of} 在 ${amount(seconds)} 秒内已用 ${used}/${sends}。`;
    }
    case 'day': {
      const { used, most, endsAt, source } = reason.day;
      return `Today's ${used} of ${most} sends are used; the day ends in ${left(endsAt)} (${sourceText(source)}). / 今日已发送 ${used}/${most}，${left(endsAt)} 后重新计算。`;
    }
    case 'chat': {
      const { chat, lane, jobs, why, until } = reason;
      const held = CHAT_REASONS[why] ?? [why, why];
      return `${jobs} for ${oneLine(chat)} (${lane}): ${oneLine(held[0])}; next look in ${left(until)}. / ${oneLine(chat)} 有 ${jobs} 条：${oneLine(held[1])}，${left(until)} 后再看。`;
    }
    default:
      return assertNever(reason);
  }
}

const CHAT_REASONS: Readonly<Record<string, readonly [english: string, chinese: string]>> = {
  conversation: ['the limit of this chat (`conversation`)', '会话限制（conversation）'],
  repeats: ['the same text was sent there too often (`repeats`)', '相同内容过多（repeats）'],
  muted: ['the account is muted there', '账号被禁言'],
  breaker: ['sends failed in a row', '连续发送失败'],
  retry: ['the last try did not reach NapCat; it is tried again', '上次未能送达 NapCat，将重试'],
};

const amount = (value: number): string => String(Math.round(value * 10) / 10);
