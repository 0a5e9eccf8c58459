import {
  broadcastPartition,
  groupTarget,
  MINUTE,
  RookeryError,
  userTarget,
  type BroadcastFailure,
  type BroadcastId,
  type BroadcastRequest,
  type BroadcastStatus,
  type BroadcastWish,
  type Clock,
} from '@rookery/protocol';
import { BROADCAST_FIELDS, parseBroadcast, type BroadcastDefinition, type BroadcastRecord } from './broadcast-record';
import type { Redis } from './client';
import { keys } from './keys';
import { OPEN_BROADCAST, WANT_BROADCAST } from './scripts/broadcasts';

export interface BroadcastsOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly clock: Clock;
}

/** Ended broadcasts are kept this long after their end. */
export const BROADCAST_KEPT_MS = 7 * 24 * 60 * MINUTE;
/** The longest life of a broadcast, and the time for which it is kept. */
const INDEXED_MS = 15 * 24 * 60 * MINUTE;
const OPEN_MAX = 100;
const PART = 2_000;
/** Named targets of a broadcast that never came to be opened are forgotten. */
const ORPHAN_S = 3_600;

/** Broadcasts as those see them who ask for them; a worker carries them out with {@link BroadcastWork}. */
export class Broadcasts {
  constructor(private readonly options: BroadcastsOptions) {}

  /** The same id again is the same broadcast: nothing is done then. Throws BROADCASTS_FULL. */
  async create(id: BroadcastId, { audience, lifeMs, ...rest }: BroadcastRequest, createdBy: string): Promise<void> {
    const { redis, clock } = this.options;
    const partition = this.#partition(id);
    if ((await redis.exists(keys.broadcast(partition, id))) === 1) return;
    const targets = keys.broadcastTargets(partition, id);
    if (audience.kind === 'list') {
      const named = [...audience.groups.map(groupTarget), ...audience.users.map(userTarget)];
      for (let start = 0; start < named.length; start += PART) {
        await redis.hset(targets, ...named.slice(start, start + PART).flatMap((target) => [target, 'p 0 ']));
        if (start === 0) await redis.expire(targets, ORPHAN_S);
      }
    }
    const createdAt = clock.now();
    const expiresAt = createdAt + lifeMs;
    const definition: BroadcastDefinition = { v: 1, ...rest, audience: audience.kind, createdBy, createdAt, expiresAt };
    const opened = await redis.eval(
      OPEN_BROADCAST,
      4,
      keys.broadcast(partition, id),
      keys.broadcasts(partition),
      keys.openBroadcasts(partition),
      targets,
      id,
      JSON.stringify(definition),
      createdAt,
      OPEN_MAX,
      createdAt - INDEXED_MS,
    );
    if (opened === -1) {
      const text = `${OPEN_MAX} broadcasts of one partition have not ended yet; cancel some, or wait`;
      throw new RookeryError('BROADCASTS_FULL', text);
    }
  }

  /** Newest first, at most `limit`. */
  async list(limit: number): Promise<BroadcastStatus[]> {
    const { redis, partitions } = this.options;
    const indexed = await Promise.all(
      Array.from({ length: partitions }, (_, partition) =>
        redis.zrevrange(keys.broadcasts(partition), 0, limit - 1, 'WITHSCORES'),
      ),
    );
    const newest = indexed
      .flatMap((entries) => entries.flatMap((id, at) => (at % 2 === 0 ? [{ id, at: Number(entries[at + 1]) }] : [])))
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
    const found = await Promise.all(newest.map(({ id }) => this.#read(id as BroadcastId)));
    return found.filter((record) => record !== undefined).map(status);
  }

  /** Throws BROADCAST_UNKNOWN. */
  async find(id: BroadcastId): Promise<BroadcastStatus> {
    const record = await this.#read(id);
    if (record === undefined) throw unknownBroadcast(id);
    return status(record);
  }

  /** Newest first. Of a broadcast with very many, the first are not kept. */
  async failures(id: BroadcastId, limit: number): Promise<BroadcastFailure[]> {
    const texts = await this.options.redis.lrange(keys.broadcastFailures(this.#partition(id), id), 0, limit - 1);
    return texts.map((text) => JSON.parse(text) as BroadcastFailure);
  }

  /** Throws BROADCAST_UNKNOWN, or BROADCAST_ENDED when it is too late for that. */
  async want(id: BroadcastId, wish: BroadcastWish): Promise<void> {
    const answer = await this.options.redis.eval(WANT_BROADCAST, 1, keys.broadcast(this.#partition(id), id), wish);
    if (answer === 'unknown') throw unknownBroadcast(id);
    if (answer === 'ended') {
      throw new RookeryError('BROADCAST_ENDED', `broadcast ${id} has ended or is being cancelled: it stays as it is`);
    }
  }

  async #read(id: BroadcastId): Promise<BroadcastRecord | undefined> {
    return readBroadcast(this.options.redis, this.#partition(id), id);
  }

  #partition(id: BroadcastId): number {
    return broadcastPartition(id, this.options.partitions);
  }
}

/** Undefined when it is not there, or not any more. `definition`: the field of that name when it is known already. */
export async function readBroadcast(
  redis: Redis,
  partition: number,
  id: BroadcastId,
  definition?: string,
): Promise<BroadcastRecord | undefined> {
  const names = [...BROADCAST_FIELDS, ...(definition === undefined ? ['definition'] : [])];
  const [values, inHand] = await Promise.all([
    redis.hmget(keys.broadcast(partition, id), ...names),
    redis.hlen(keys.broadcastHands(partition, id)),
  ]);
  const fields = Object.fromEntries(names.flatMap((name, at) => (values[at] == null ? [] : [[name, values[at]]])));
  return fields['wanted'] === undefined ? undefined : parseBroadcast(id, { definition, ...fields }, inHand);
}

function status(record: BroadcastRecord): BroadcastStatus {
  const { wanted: _, ...rest } = record;
  return rest;
}

function unknownBroadcast(id: BroadcastId): RookeryError {
  return new RookeryError('BROADCAST_UNKNOWN', `there is no broadcast ${id}; \`rookery broadcast list\` shows them`);
}
