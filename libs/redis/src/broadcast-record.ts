import {
  BROADCAST_ENDS,
  BROADCAST_WISHES,
  poolName,
  type BroadcastAudience,
  type BroadcastId,
  type BroadcastRequest,
  type BroadcastState,
  type BroadcastStatus,
  type BroadcastWish,
  type Segment,
} from '@rookery/protocol';
import { z } from 'zod';

/** What of a broadcast never changes. */
export type BroadcastDefinition = Omit<BroadcastRequest, 'audience' | 'lifeMs'> &
  Pick<BroadcastStatus, 'createdBy' | 'createdAt' | 'expiresAt'> & {
    readonly v: 1;
    readonly audience: BroadcastAudience['kind'];
  };

const definition = z.object({
  v: z.literal(1),
  pool: z.string().transform(poolName),
  audience: z.enum(['groups', 'friends', 'list']),
  message: z.array(z.custom<Segment>((value) => typeof value === 'object' && value !== null)),
  spreadMs: z.number(),
  jitter: z.number(),
  createdBy: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
});

const count = z.coerce.number().default(0);
const record = z.object({
  definition: z.string().transform((text) => definition.parse(JSON.parse(text))),
  wanted: z.enum(BROADCAST_WISHES),
  end: z.enum(BROADCAST_ENDS).optional(),
  endedAt: z.coerce.number().optional(),
  total: count,
  sent: count,
  refused: count,
  not_sent: count,
  unknown: count,
});

/** Fields that change. */
export const BROADCAST_FIELDS = Object.keys(record.shape).filter((name) => name !== 'definition');

export interface BroadcastRecord extends BroadcastStatus {
  readonly wanted: BroadcastWish;
}

/** `fields`: the hash as Redis has it, and how many targets are in hand. */
export function parseBroadcast(id: BroadcastId, fields: unknown, inHand: number): BroadcastRecord {
  const { definition: fixed, wanted, end, endedAt, total, sent, refused, not_sent, unknown } = record.parse(fields);
  const { v: _, ...rest } = fixed;
  const state: BroadcastState = end ?? (wanted === 'cancelled' ? 'cancelling' : wanted);
  const waiting = total - sent - refused - not_sent - unknown - inHand;
  return {
    id,
    ...rest,
    wanted,
    state,
    ...(endedAt !== undefined && { endedAt }),
    counts: { total, waiting: Math.max(0, waiting), inHand, sent, refused, not_sent, unknown },
  };
}
