import type { ActionKind, Chat, Lane } from '@rookery/protocol';

export type SendLane = Exclude<Lane, 'read'>;
/** At most so many sends in any so many ms; the margin is in it. */
export type Window = readonly [sends: number, ms: number];

/** What one send has to keep, in the form that the script reads. */
export interface SendLimits {
  /** False for what nobody sees: the account's own pace does not concern it. */
  readonly paced: boolean;
  readonly account: readonly Window[];
  readonly kind: readonly Window[];
  readonly chat: readonly Window[];
  readonly same: readonly Window[];
  /** ms until the next send of the account, and what chance adds this time. */
  readonly gap: number;
  readonly jitter: number;
  /** Calendar day in ms of Redis' clock, and how many sends it allows. */
  readonly day?: readonly [start: number, end: number, most: number];
  /** The most sends that Redis may have forgotten when it is another one than at the last send of the account. */
  readonly lost: number;
  /** For how long the account is shut after a restart of Redis that kept its logs. */
  readonly again: number;
  /** The same when they are gone. */
  readonly cold: number;
}

/** Which sliding logs a send is written into. */
export interface SendLogs {
  readonly kind: ActionKind;
  readonly chat: Chat;
  /** Digest of its text; absent when equal messages do not matter. */
  readonly text?: string;
}

/** What a send weighs on, and for how many ms, as scripts/outgoing/reach-send.ts reads it; empty where no limit cares. */
export function weights({ paced, account, kind, chat, same, gap, jitter }: SendLimits, logs: SendLogs): string {
  const [ofKind, ofChat, ofText] = logNames(logs).split(' ');
  const longest = (windows: readonly Window[]): number => Math.max(0, ...windows.map(([, ms]) => ms));
  const all: readonly (readonly [name: string | undefined, ms: number])[] = [
    ['gap', paced ? gap + jitter : 0],
    ['account', paced ? longest(account) : 0],
    [ofKind, longest(kind)],
    [ofChat, longest(chat)],
    [ofText, logs.text === undefined ? 0 : longest(same)],
  ];
  return all.flatMap(([name, ms]) => (ms > 0 ? [`${name} ${Math.ceil(ms)}`] : [])).join(' ');
}

export function logNames({ kind, chat, text }: SendLogs): string {
  return `kind:${kind} chat:${chat} ${text === undefined ? '-' : `same:${chat}:${text}`}`;
}
