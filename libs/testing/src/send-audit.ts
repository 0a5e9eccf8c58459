import { dayOf, type LimitSettings, type Rate } from '@rookery/pacing';
import type { ActionKind, Outcome } from '@rookery/protocol';

/** An action that somebody asked for. */
export interface AskedSend {
  readonly id: string;
  readonly self: string;
  /** As `chatOf` names it. */
  readonly chat: string;
  readonly lane: string;
}

/** The same action as its receiver saw it take effect. */
export interface SeenSend extends AskedSend {
  readonly kind: ActionKind;
  /** What equal messages have in common; left out where there is no text. */
  readonly text?: string;
  /** By the receiver's own clock, ms. */
  readonly at: number;
}

/** More sends than a layer allows. */
export interface Excess {
  readonly layer: 'account' | 'gap' | 'kind' | 'conversation' | 'repeats' | 'day';
  /** Account, and chat, kind or day within it. */
  readonly of: string;
  readonly allowed: Rate;
  /** One send more than allowed came within so many ms, which is less than the window. */
  readonly withinMs: number;
  /** When the last of them came, by the receiver's clock. */
  readonly at: number;
}

export interface Books {
  readonly asked: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Asked, and nobody knows what became of it. */
  readonly withoutOutcome: readonly string[];
  /** Said to have been sent and never seen, or said not to have been sent and seen. */
  readonly toldWrongly: readonly string[];
}

/** How the limits are counted: the time zone of the days, and how much longer the windows of a young account are, a factor. */
export interface Counting {
  readonly timeZone: string;
  readonly slow?: number;
}

/** Where more was sent than `settings` allow, in any window of any layer, wherever it begins. Without any margin. */
export function excesses(sends: readonly SeenSend[], settings: LimitSettings, counting: Counting): Excess[] {
  const { slow = 1, timeZone } = counting;
  const { perDay, repeats } = settings;
  const paced = sends.filter(({ kind }) => kind !== 'other');
  const over = (layer: Excess['layer'], of: string, group: readonly SeenSend[], rates: readonly Rate[]): Excess[] =>
    rates.flatMap(({ sends: most, seconds }) =>
      tooClose(group, { sends: most, seconds: seconds * slow }).map((found) => ({ layer, of, ...found })),
    );
  return [
    ...grouped(paced, ({ self }) => self).flatMap(([of, group]) => [
      ...over('account', of, group, settings.account),
      ...over('gap', of, group, settings.gapSeconds === 0 ? [] : [{ sends: 1, seconds: settings.gapSeconds }]),
    ]),
    ...grouped(paced, ({ self, chat }) => `${self} ${chat}`).flatMap(([of, group]) =>
      over('conversation', of, group, settings.conversation),
    ),
    ...grouped(sends, ({ self, kind }) => `${self} ${kind}`).flatMap(([of, group]) =>
      over('kind', of, group, settings.kinds[group[0]?.kind ?? 'other'] ?? []),
    ),
    ...(repeats === null
      ? []
      : grouped(
          sends.filter(({ text }) => text !== undefined),
          ({ self, chat, text }) => `${self} ${chat} ${text}`,
        ).flatMap(([of, group]) => over('repeats', of, group, [repeats]))),
    ...(perDay === null
      ? []
      : grouped(paced, ({ self, at }) => `${self} ${new Date(dayOf(at, timeZone).start).toISOString()}`).flatMap(
          ([of, group]) => tooMany(of, group, Math.max(1, Math.floor(perDay / slow))),
        )),
  ];
}

/** Ids of actions that took effect more than once. */
export function executedTwice(sends: readonly SeenSend[]): string[] {
  return grouped(sends, ({ self, id }) => `${self} ${id}`).flatMap(([, group]) =>
    group.length > 1 && group[0] ? [group[0].id] : [],
  );
}

/** Pairs of actions of one chat and lane of which the one that was asked for first took effect last. `asked` in its order. */
export function disordered(asked: readonly AskedSend[], sends: readonly SeenSend[]): [first: string, later: string][] {
  const place = new Map(asked.map(({ self, id }, at) => [`${self} ${id}`, at]));
  const placeOf = ({ self, id }: AskedSend): number => place.get(`${self} ${id}`) ?? Number.NaN;
  return grouped(sends, ({ self, chat, lane }) => `${self} ${chat} ${lane}`).flatMap(([, group]) => {
    const found: [string, string][] = [];
    let latest: SeenSend | undefined;
    for (const send of inTime(group)) {
      if (latest !== undefined && placeOf(send) < placeOf(latest)) found.push([send.id, latest.id]);
      else latest = send;
    }
    return found;
  });
}

/** Whether every action that was asked for has one outcome, and a true one. `outcomes`: by action id. */
export function balance(
  asked: readonly AskedSend[],
  outcomes: ReadonlyMap<string, Outcome>,
  sends: readonly SeenSend[],
): Books {
  const counts = { sent: 0, refused: 0, not_sent: 0, unknown: 0 };
  const seen = new Set(sends.map(({ id }) => id));
  const withoutOutcome: string[] = [];
  const toldWrongly: string[] = [];
  for (const { id } of asked) {
    const outcome = outcomes.get(id);
    if (outcome === undefined) {
      withoutOutcome.push(id);
      continue;
    }
    counts[outcome] += 1;
    // What is unknown is neither.
    if (outcome === 'sent' ? !seen.has(id) : outcome !== 'unknown' && seen.has(id)) toldWrongly.push(id);
  }
  return { asked: asked.length, outcomes: counts, withoutOutcome, toldWrongly };
}

/** From when until when, in ms of one clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The most sends that any sender could place in a span of `ms` that begins with all windows empty: each as early as `rates` and the gap
 * allow. What is kept besides (jitter, margins, rests after faults) is not taken off.
 */
export function mostSends(settings: Pick<LimitSettings, 'account' | 'gapSeconds'>, ms: number, slow = 1): number {
  return mostSendsWhile(settings, [{ from: 0, to: ms }], slow);
}

/** The same of a sender that can send only within `spans`, which come one after the other; its windows go on in between. */
export function mostSendsWhile(
  settings: Pick<LimitSettings, 'account' | 'gapSeconds'>,
  spans: readonly Span[],
  slow = 1,
): number {
  const rates = [...settings.account, { sends: 1, seconds: settings.gapSeconds }].filter(({ seconds }) => seconds > 0);
  const times: number[] = [];
  for (const { from, to } of spans) {
    if (rates.length === 0 && to > from) return Number.POSITIVE_INFINITY;
    for (;;) {
      const earliest = rates.map(({ sends, seconds }) => (times.at(-sends) ?? -Infinity) + seconds * slow * 1000);
      const next = Math.max(from, ...earliest);
      if (next >= to) break;
      times.push(next);
    }
  }
  return times.length;
}

function tooClose(group: readonly SeenSend[], allowed: Rate): Pick<Excess, 'allowed' | 'withinMs' | 'at'>[] {
  const sorted = inTime(group);
  return sorted.flatMap((first, at) => {
    const oneMore = sorted[at + allowed.sends];
    if (oneMore === undefined) return [];
    const withinMs = oneMore.at - first.at;
    return withinMs < allowed.seconds * 1000 ? [{ allowed, withinMs, at: oneMore.at }] : [];
  });
}

function tooMany(of: string, group: readonly SeenSend[], most: number): Excess[] {
  const sorted = inTime(group);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (sorted.length <= most || first === undefined || last === undefined) return [];
  return [{ layer: 'day', of, allowed: { sends: most, seconds: 86_400 }, withinMs: last.at - first.at, at: last.at }];
}

const inTime = (sends: readonly SeenSend[]): SeenSend[] => [...sends].sort((a, b) => a.at - b.at);

function grouped(sends: readonly SeenSend[], key: (send: SeenSend) => string): [string, SeenSend[]][] {
  const groups = new Map<string, SeenSend[]>();
  for (const send of sends) {
    const name = key(send);
    const group = groups.get(name);
    if (group) group.push(send);
    else groups.set(name, [send]);
  }
  return [...groups];
}
