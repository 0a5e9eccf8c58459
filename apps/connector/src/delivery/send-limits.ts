import { dayOf, type LimitSettings, type Rate } from '@rookery/pacing';
import { contentOf, type Action, type ActionKind, type Random } from '@rookery/protocol';
import type { SendLane, SendLimits, Window } from '@rookery/redis';

/**
 * Added to every window, since what leaves here in time arrives there with some jitter: 2 % (without it 13 instead of 10 arrived in a
 * window), and never less than what a busy machine takes for a turn.
 */
const MARGIN = 1.02;
const MARGIN_MIN_MS = 25;
const DAY_MS = 86_400_000;

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
}

/** All layers for one send. */
export function sendLimits(context: LimitContext, kind: ActionKind, lane: SendLane): SendLimits {
  const { settings, own = settings, timeZone, now, random } = context;
  const slow = slowness(context);
  const [least, most] = lane === 'bulk' ? settings.bulkJitterSeconds : settings.jitterSeconds;
  const { start, end } = dayOf(now, timeZone);
  const isPaced = kind !== 'other';
  return {
    paced: isPaced,
    account: windows(settings.account, slow),
    kind: windows(settings.kinds[kind] ?? [], slow),
    chat: isPaced ? windows(own.conversation, slow) : [],
    same: own.repeats === null ? [] : windows([own.repeats], slow),
    gap: gapMs(settings, slow),
    jitter: Math.round((least + random() * (most - least)) * 1000),
    ...(isPaced && settings.perDay !== null && { day: [start, end, Math.max(1, Math.floor(settings.perDay / slow))] }),
    again: shortestWindowMs(settings),
    cold: longestWindowMs(settings, slow),
  };
}

/** One window of the account, the shortest: for so long it stays shut when its logs are there but everything else is new. */
export function shortestWindowMs(settings: LimitSettings): number {
  const all = [...settings.account.map(({ seconds }) => seconds), settings.gapSeconds].filter((seconds) => seconds > 0);
  return all.length === 0 ? 0 : withMargin(Math.min(...all) * 1000);
}

/** 1 at full speed, 4 at a quarter of it. */
function slowness({ settings, now, since }: LimitContext): number {
  const { warmUp } = settings;
  return warmUp !== null && since !== undefined && now - since < warmUp.days * DAY_MS ? 1 / warmUp.factor : 1;
}

function longestWindowMs(settings: LimitSettings, slow: number): number {
  const kinds = Object.values(settings.kinds).flat();
  return Math.max(
    0,
    ...windows([...settings.account, ...settings.conversation, ...kinds], slow).map(([, ms]) => ms),
    gapMs(settings, slow),
  );
}

const gapMs = (settings: LimitSettings, slow: number): number =>
  settings.gapSeconds === 0 ? 0 : withMargin(settings.gapSeconds * slow * 1000);

const windows = (rates: readonly Rate[], slow: number): Window[] =>
  rates.map(({ sends, seconds }) => [sends, withMargin(seconds * slow * 1000)]);

const withMargin = (ms: number): number => Math.ceil(Math.max(ms * MARGIN, ms + MARGIN_MIN_MS));

/** What equal messages have in common; undefined where there is no text, since pictures cannot be told apart by it. */
export function textDigest({ params }: Action): string | undefined {
  const message = params['message'];
  const hasText =
    Array.isArray(message) &&
    message.some((segment: { readonly type?: unknown; readonly data?: { readonly text?: unknown } } | null) => {
      const text = segment?.type === 'text' ? segment.data?.text : undefined;
      return typeof text === 'string' && text.trim() !== '';
    });
  return hasText ? contentOf(params) : undefined;
}
