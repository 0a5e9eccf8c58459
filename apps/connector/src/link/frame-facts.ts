import { printable, type CallEnd, type EventFrame } from '@rookery/onebot';
import { isDecimalId } from '@rookery/protocol';

/** The few facts that a link reads from frames itself. Everything else in them is the business of later stages. */

export function readSelf(frame: EventFrame): string | undefined {
  return decimal(frame['self_id']);
}

/** The greeting. `disable`, which NapCat never sends, announces an end and greets nobody. */
export function isLifecycle(frame: EventFrame): boolean {
  return isMeta(frame, 'lifecycle') && frame['sub_type'] !== 'disable';
}

export function isHeartbeat(frame: EventFrame): boolean {
  return isMeta(frame, 'heartbeat');
}

/** `online` of a heartbeat's status or of what get_status returns; undefined where it is not stated. */
export function onlineOf(status: unknown): boolean | undefined {
  const online = field(status, 'online');
  return typeof online === 'boolean' ? online : undefined;
}

/** When QQ has thrown the account out: what it says about it, for people; possibly empty. */
export function isBotOffline(frame: EventFrame): string | undefined {
  if (frame['post_type'] !== 'notice' || frame['notice_type'] !== 'bot_offline') return undefined;
  const said = [frame['tag'], frame['message']].filter((text) => typeof text === 'string' && text !== '');
  return printable(said.join(': '), 200);
}

/** The account that answered get_login_info; undefined unless the answer is a good one. */
export function loginOf(end: CallEnd): string | undefined {
  if (end.kind !== 'replied' || end.reply.status !== 'ok') return undefined;
  return decimal(field(end.reply.data, 'user_id'));
}

/** QQ refused an action because the account has no login or no network any more. */
export function isLoginLost(end: CallEnd): boolean {
  return end.kind === 'replied' && end.reply.status === 'failed' && /\b1006514\b/.test(end.reply.message);
}

/** A message was sent: NapCat answers that only when QQ has confirmed it. Most other actions are answered without QQ. */
export function isProofOfLogin(end: CallEnd): boolean {
  return end.kind === 'replied' && end.reply.status === 'ok' && field(end.reply.data, 'message_id') !== undefined;
}

/** Whether it is of the connection itself; those come also when QQ is lost. */
export function isMetaEvent(frame: EventFrame): boolean {
  return frame['post_type'] === 'meta_event';
}

function isMeta(frame: EventFrame, kind: string): boolean {
  return isMetaEvent(frame) && frame['meta_event_type'] === kind;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function decimal(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  return typeof value === 'string' && isDecimalId(value) ? value : undefined;
}
