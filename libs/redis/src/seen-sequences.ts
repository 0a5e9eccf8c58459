import { groupId, MINUTE, type GroupId, type SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';

/** The last message of a group that an account has seen. */
interface SeenSequence {
  readonly groupId: GroupId;
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Gaps are never filled further back than a day, the greatest `backfill.maxAgeMinutes`. */
const KEPT_MS = 24 * 60 * MINUTE;

/** Per account and group the last sequence seen, so that the next holder of an account knows where a gap begins. */
export class SeenSequences {
  constructor(private readonly redis: Redis) {}

  /** One round trip for all accounts. */
  async save(seen: ReadonlyMap<SelfId, readonly SeenSequence[]>): Promise<void> {
    const { redis } = this;
    // No pipeline: the accounts are in different slots. What is asked for in one turn travels together all the same.
    await Promise.all(
      [...seen].flatMap(([self, groups]) => {
        if (groups.length === 0) return [];
        const key = keys.seenSequences(self);
        const entries = groups.flatMap((group) => [group.groupId, `${group.seq} ${group.at}`]);
        return [redis.hset(key, ...entries), redis.pexpire(key, KEPT_MS)];
      }),
    );
  }

  async load(self: SelfId): Promise<SeenSequence[]> {
    const entries = await this.redis.hgetall(keys.seenSequences(self));
    return Object.entries(entries).flatMap(([group, text]) => {
      const [seq, at] = text.split(' ').map(Number);
      if (seq === undefined || at === undefined || !Number.isSafeInteger(seq) || !Number.isSafeInteger(at)) return [];
      return [{ groupId: groupId(group), seq, at }];
    });
  }
}
