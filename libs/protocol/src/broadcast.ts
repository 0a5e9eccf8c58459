import { z } from 'zod';
import type { Outcome } from './action';
import { prepareAction } from './actions/prepare';
import { groupConversation, partitionOf, privateConversation } from './conversation';
import { RookeryError, type ErrorCode } from './errors';
import { DEFAULT_POOL, groupId, poolName, userId } from './ids';
import type { BroadcastId, ConversationKey, GroupId, PoolName, SelfId, UserId } from './ids';
import { id } from './schema-of-id';
import { toSegments, type Segment } from './segment';
import type { MediaPolicy } from './segments/media-policy';

/** One place that a broadcast reaches: `g` or `u` and the number of the group or person. */
export type BroadcastTarget = `g${GroupId}` | `u${UserId}`;

export const groupTarget = (group: GroupId): BroadcastTarget => `g${group}`;
export const userTarget = (user: UserId): BroadcastTarget => `u${user}`;

/** Whom a broadcast is for: every group or every friend of any account of the pool, or those named. */
export type BroadcastAudience =
  | { readonly kind: 'groups' }
  | { readonly kind: 'friends' }
  | { readonly kind: 'list'; readonly groups: readonly GroupId[]; readonly users: readonly UserId[] };

/** What somebody wants said to many. `message` is in the form that is sent: checked, arrays of segments only. */
export interface BroadcastRequest {
  readonly pool: PoolName;
  readonly audience: BroadcastAudience;
  readonly message: readonly Segment[];
  /** Over how long the targets are spread evenly, milliseconds; 0: as fast as the limits of the accounts allow. */
  readonly spreadMs: number;
  /** Share of a step of the spread by which it varies at random, 0 to 1. */
  readonly jitter: number;
  /** Milliseconds after which what has not been sent is given up. */
  readonly lifeMs: number;
}

/** What an operator may want of a broadcast that has not ended. */
export const BROADCAST_WISHES = ['running', 'paused', 'cancelled'] as const;
export type BroadcastWish = (typeof BROADCAST_WISHES)[number];

/** How it ended. `done`: every target has an outcome; the others: what was left was given up as `not_sent`. */
export const BROADCAST_ENDS = ['done', 'cancelled', 'expired'] as const;
export type BroadcastEnd = (typeof BROADCAST_ENDS)[number];

/** `cancelling`: nothing new is sent, what was begun is waited for. */
export type BroadcastState = 'running' | 'paused' | 'cancelling' | BroadcastEnd;

/** Targets by what became of them. `waiting` and `inHand` (queued for an account, or being sent) have no outcome yet. */
export type BroadcastCounts = Readonly<Record<Outcome | 'total' | 'waiting' | 'inHand', number>>;

export interface BroadcastStatus {
  readonly id: BroadcastId;
  readonly pool: PoolName;
  readonly audience: BroadcastAudience['kind'];
  readonly message: readonly Segment[];
  readonly spreadMs: number;
  readonly jitter: number;
  /** `console`, `cli` or `plugin:<id>`. */
  readonly createdBy: string;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly state: BroadcastState;
  readonly endedAt?: number;
  readonly counts: BroadcastCounts;
}

/** A target that was not reached, or of which that is not known. */
export interface BroadcastFailure {
  readonly target: BroadcastTarget;
  readonly outcome: Exclude<Outcome, 'sent'>;
  readonly code: ErrorCode;
  readonly message: string;
  /** The account that tried last; absent when none did. */
  readonly self?: SelfId;
  readonly at: number;
}

/** A broadcast with targets that were not reached, newest first. */
export interface BroadcastDetails extends BroadcastStatus {
  readonly failures: readonly BroadcastFailure[];
}

/**
 * What a handler wants with broadcasts. `start` with an id that was used before does nothing but answer. The answer is a list of the
 * broadcasts that are concerned, newest first: of `list` any number, of all others one.
 */
export type BroadcastOrder =
  | { readonly do: 'start'; readonly id: BroadcastId; readonly request: BroadcastRequest }
  | { readonly do: 'find'; readonly id: BroadcastId; readonly failures: number }
  | { readonly do: 'list'; readonly limit: number }
  | { readonly do: 'want'; readonly id: BroadcastId; readonly wish: BroadcastWish };

/** Most targets that may be named in one broadcast. */
export const BROADCAST_LIST_MAX = 100_000;
const DAY_S = 24 * 60 * 60;
const DEFAULT_LIFE_S = 6 * 60 * 60;
const DEFAULT_JITTER = 0.3;

const segment = z.object({ type: z.string().min(1).max(100), data: z.record(z.string(), z.unknown()).default({}) });
const listed = <T>(make: (text: string) => T) =>
  z.array(id(make)).max(BROADCAST_LIST_MAX, `must have at most ${BROADCAST_LIST_MAX} entries`).default([]);

const everybody = z.enum(['groups', 'friends'], 'must be "groups", "friends" or { groups, users }');
const some = z.strictObject({ groups: listed(groupId), users: listed(userId) });

const wanted = z.strictObject({
  pool: id(poolName).default(DEFAULT_POOL),
  to: z.unknown(),
  message: z.union([z.string(), segment, z.array(z.union([z.string(), segment]))]),
  spreadSeconds: z
    .number()
    .min(0)
    .max(7 * DAY_S)
    .default(0),
  jitter: z.number().min(0).max(1).default(DEFAULT_JITTER),
  expiresSeconds: z
    .number()
    .int()
    .min(10)
    .max(7 * DAY_S)
    .default(DEFAULT_LIFE_S),
});

/** What a caller gives; everything but `to` and `message` has a default. A string is always text, never CQ code. */
export type BroadcastInput = Omit<z.input<typeof wanted>, 'to'> & {
  readonly to: z.input<typeof everybody> | z.input<typeof some>;
};

/** Throws BROADCAST_INVALID, or ACTION_INVALID when the message is one that NapCat would drop or fail on. */
export function checkBroadcast(input: unknown, media?: MediaPolicy): BroadcastRequest {
  const { pool, to, message, spreadSeconds, jitter, expiresSeconds } = parsed(wanted, input);
  const audience = audienceOf(to);
  if (audience.kind === 'list' && audience.groups.length + audience.users.length === 0) {
    throw new RookeryError('BROADCAST_INVALID', 'it names no group and no person');
  }
  if (spreadSeconds >= expiresSeconds) {
    const text = `spread over ${spreadSeconds} s it would expire (after ${expiresSeconds} s) before its end`;
    throw new RookeryError('BROADCAST_INVALID', text);
  }
  return {
    pool,
    audience,
    message: prepared(audience, toSegments(message), media),
    spreadMs: spreadSeconds * 1000,
    jitter,
    lifeMs: expiresSeconds * 1000,
  };
}

function audienceOf(to: unknown): BroadcastAudience {
  if (typeof to !== 'object') return { kind: parsed(z.object({ to: everybody }), { to }).to };
  const { groups, users } = parsed(z.object({ to: some }), { to }).to;
  return { kind: 'list', groups: unique(groups), users: unique(users) };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error) throw new RookeryError('BROADCAST_INVALID', z.prettifyError(error));
  return data as T;
}

/** The message as it leaves, checked for each kind of place that it goes to. */
function prepared(audience: BroadcastAudience, message: readonly Segment[], media: MediaPolicy | undefined): Segment[] {
  const toGroups = audience.kind === 'groups' || (audience.kind === 'list' && audience.groups.length > 0);
  const toPeople = audience.kind === 'friends' || (audience.kind === 'list' && audience.users.length > 0);
  const forms = [
    ...(toGroups ? [prepareAction('send_group_msg', { group_id: '1', message }, media)] : []),
    ...(toPeople ? [prepareAction('send_private_msg', { user_id: '1', message }, media)] : []),
  ];
  return (forms[0]?.params['message'] ?? []) as Segment[];
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** The action that says something to a target, its parameters without the message, and the order in which it stands. */
export function broadcastAddress(
  target: BroadcastTarget,
  pool: PoolName,
  self: SelfId,
): {
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly conversation: ConversationKey;
} {
  const number = target.slice(1);
  return target.startsWith('g')
    ? { name: 'send_group_msg', params: { group_id: number }, conversation: groupConversation(pool, groupId(number)) }
    : {
        name: 'send_private_msg',
        params: { user_id: number },
        conversation: privateConversation(self, userId(number)),
      };
}

/** The partition whose worker carries a broadcast out. Part of the wire contract as {@link partitionOf}. */
export function broadcastPartition(broadcast: BroadcastId, partitions: number): number {
  return partitionOf(`broadcast:${broadcast}` as ConversationKey, partitions);
}
