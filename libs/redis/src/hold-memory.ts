import type { SelfId } from '@rookery/protocol';
import type { BreakerMemory } from '@rookery/pacing';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';

/** What keeps an account's actions back: breakers by what they are for, and mutes by chat, until when (milliseconds since 1970). */
export interface StoredHolds {
  readonly breakers: readonly (readonly [string, BreakerMemory])[];
  readonly mutes: readonly (readonly [string, number])[];
}

/** A breaker that has been left alone for that long says nothing any more. */
const KEPT_MS = 24 * 60 * 60 * 1000;

const stored = z.object({
  breakers: z.array(z.tuple([z.string(), z.object({ failures: z.number(), openMs: z.number(), until: z.number() })])),
  mutes: z.array(z.tuple([z.string(), z.number()])),
});

/** Keeps the holds of accounts for whoever takes them over. */
export class HoldMemories {
  constructor(private readonly redis: Redis) {}

  async load(self: SelfId): Promise<StoredHolds | undefined> {
    const json = await this.redis.get(keys.holds(self));
    return json === null ? undefined : stored.parse(JSON.parse(json));
  }

  async save(self: SelfId, holds: StoredHolds): Promise<void> {
    const key = keys.holds(self);
    if (holds.breakers.length === 0 && holds.mutes.length === 0) await this.redis.del(key);
    else await this.redis.set(key, JSON.stringify(holds), 'PX', KEPT_MS);
  }
}
