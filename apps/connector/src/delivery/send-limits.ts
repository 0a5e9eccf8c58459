import { dayOf, slowness, windowMs, type LimitSettings, type Rate } from '@rookery/pacing';
import { actionKind, contentOf, type Action, type ActionKind, type Chat, type Random } from '@rookery/protocol';
import type { SendLane, SendLimits, SendLogs, Window } from '@rookery/redis';

/** What the limits of an account come from, besides the action. */
export interface LimitContext {
  readonly settings: LimitSettings;
  /** Where the action's conversation has some of its own. */
  readonly own: LimitSettings | undefined;
  readonly timeZone: string;
  /** Redis' time, ms. */
  readonly now: number;
  /** Since when there is the account, ms; undefined where nobody knows, and then it is not young. */
  readonly since: number | undefined;
  readonly random: Random;
  /** Whether it is known, and told to Redis, what was sent last. */
  readonly remembers: boolean;
}

/** All layers for one send. */
export function sendLimits(context: LimitContext, kind: ActionKind, lane: SendLane): SendLimits {
  const { settings, own = settings, timeZone, now, random } = context;
  const slow = slowness(settings, now, context.since);
  const [least, most] = lane === 'bulk' ? settings.bulkJitterSeconds : settings.jitterSeconds;
  const isPaced = kind !== 'other';
  return {
    paced: isPaced,
    account: windows(settings.account, slow),
    kind: windows(settings.kinds[kind] ?? [], slow),
    chat: isPaced ? windows(own.conversation, slow) : [],
    same: own.repeats === null ? [] : windows([own.repeats], slow),
    gap: gapMs(settings, slow),
    jitter: Math.round((least + random() * (most - least)) * 1000),
    ...(isPaced && settings.perDay !== null && { day: dayLimit(now, timeZone, settings.perDay / slow) }),
    lost: context.remembers ? 1 : mostInASecond(settings),
    again: shortestWindowMs(settings),
    cold: longestWindowMs(settings, slow),
  };
}

/** With `appendfsync everysec` Redis loses no more than that in a power cut. Whatever is not limited counts as one. */
function mostInASecond({ account, gapSeconds }: LimitSettings): number {
  const rates = account.filter(({ seconds }) => seconds >= 1).map(({ sends }) => sends);
  const most = Math.min(...rates, gapSeconds > 0 ? 1 + Math.floor(1 / gapSeconds) : Infinity);
  return Number.isFinite(most) ? most : 1;
}

/** Only where there is one: to find a midnight on the wall costs more than all the rest. */
function dayLimit(now: number, timeZone: string, most: number): NonNullable<SendLimits['day']> {
  const { start, end } = dayOf(now, timeZone);
  return [start, end, Math.max(1, Math.floor(most))];
}

/** One window of the account, the shortest: for so long it stays shut when its logs are there but everything else is new. */
export function shortestWindowMs(settings: LimitSettings): number {
  const all = [...settings.account.map(({ seconds }) => seconds), settings.gapSeconds].filter((seconds) => seconds > 0);
  return all.length === 0 ? 0 : windowMs(Math.min(...all));
}

/** For so long it stays shut when its logs are gone. */
export function longestWindowMs(settings: LimitSettings, slow: number): number {
  const kinds = Object.values(settings.kinds).flat();
  return Math.max(
    0,
    ...windows([...settings.account, ...settings.conversation, ...kinds], slow).map(([, ms]) => ms),
    gapMs(settings, slow),
  );
}

const gapMs = (settings: LimitSettings, slow: number): number =>
  settings.gapSeconds === 0 ? 0 : windowMs(settings.gapSeconds, slow);

const windows = (rates: readonly Rate[], slow: number): Window[] =>
  rates.map(({ sends, seconds }) => [sends, windowMs(seconds, slow)]);

const unlimited = new WeakMap<LimitSettings, boolean>();

/** Whether no send of the account weighs on any other one. A conversation may still have limits of its own. */
export function isUnlimited(settings: LimitSettings): boolean {
  let is = unlimited.get(settings);
  if (is === undefined) {
    const { account, conversation, kinds, perDay, repeats, gapSeconds, jitterSeconds, bulkJitterSeconds } = settings;
    const rates = [...account, ...conversation, ...Object.values(kinds).flat()];
    const pauses = [gapSeconds, ...jitterSeconds, ...bulkJitterSeconds];
    is = rates.length === 0 && perDay === null && repeats === null && pauses.every((seconds) => seconds === 0);
    unlimited.set(settings, is);
  }
  return is;
}

/** Which sliding logs a send to this chat is written into. */
export function sendLogs(action: Action, chat: Chat): SendLogs {
  const text = textDigest(action);
  return { kind: actionKind(action.name, chat), chat, ...(text !== undefined && { text }) };
}

/** What equal messages have in common; undefined where there is no text, since pictures cannot be told apart by it. */
function textDigest({ params }: Action): string | undefined {
  const message = params['message'];
  const hasText =
    Array.isArray(message) &&
    message.some((segment: { readonly type?: unknown; readonly data?: { readonly text?: unknown } } | null) => {
      const text = segment?.type === 'text' ? segment.data?.text : undefined;
      return typeof text === 'string' && text.trim() !== '';
    });
  return hasText ? contentOf(params) : undefined;
}
