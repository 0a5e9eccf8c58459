import type { Lease, LeaseStore, NodeRecord, Renewal } from '@rookery/cluster';
import { z } from 'zod';
import type { Redis } from './client';
import { keys, type Realm } from './keys';
import { ACQUIRE_LEASES, ALL_LEASES, RELEASE_LEASES, RENEW_LEASES, SEIZE_LEASE } from './scripts/leases';

const nodeRecord = z.object({
  node: z.string(),
  capacity: z.number(),
  zone: z.string(),
  draining: z.boolean(),
});
const flat = z.array(z.string());
const renewed = z.tuple([z.number(), z.string(), z.number(), z.number(), flat, flat]);

/** Keys in one call of a script; more are split, so that Redis is never busy with one call for long. */
const KEYS_PER_CALL = 500;

/** Leases in Redis, by the clock of Redis. */
export class RedisLeaseStore implements LeaseStore {
  readonly #keys: readonly [string, string, string];

  constructor(
    private readonly redis: Redis,
    realm: Realm,
  ) {
    this.#keys = [keys.leaseNodes(realm), keys.leases(realm), keys.leaseRealm(realm)];
  }

  async renew(self: NodeRecord, ttlMs: number, seen: string | undefined): Promise<Renewal> {
    const answer = await this.#run(RENEW_LEASES, [self.node, JSON.stringify(self), String(ttlMs), seen ?? '']);
    const [changed, table, quietMs, expiry, records, held] = renewed.parse(answer);
    return {
      nodes: records.map((record) => nodeRecord.parse(JSON.parse(record))),
      table,
      quietMs,
      nextExpiryMs: expiry < 0 ? undefined : expiry,
      held: changed === 1 ? leasesOf(held, self.node) : undefined,
    };
  }

  async acquire(node: string, wanted: readonly string[]): Promise<readonly Lease[]> {
    const taken: Lease[] = [];
    for (const chunk of chunks(wanted)) {
      taken.push(...leasesOf(flat.parse(await this.#run(ACQUIRE_LEASES, [node, ...chunk])), node));
    }
    return taken;
  }

  async seize(node: string, key: string): Promise<Lease | undefined> {
    const epoch = await this.#run(SEIZE_LEASE, [node, key]);
    return epoch === null ? undefined : { key, node, epoch: Number(epoch) };
  }

  async release(node: string, given: readonly Lease[]): Promise<void> {
    for (const chunk of chunks(given)) {
      await this.#run(RELEASE_LEASES, [node, ...chunk.flatMap(({ key, epoch }) => [key, String(epoch)])]);
    }
  }

  async all(): Promise<readonly Lease[]> {
    const found = flat.parse(await this.#run(ALL_LEASES, []));
    return found.flatMap((key, at) =>
      at % 3 === 0 ? [{ key, epoch: Number(found[at + 1]), node: String(found[at + 2]) }] : [],
    );
  }

  async leave(node: string): Promise<void> {
    await this.redis.hdel(this.#keys[0], node);
  }

  #run(script: string, args: readonly string[]): Promise<unknown> {
    return this.redis.eval(script, this.#keys.length, ...this.#keys, ...args);
  }
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / KEYS_PER_CALL) }, (_, index) =>
    all.slice(index * KEYS_PER_CALL, (index + 1) * KEYS_PER_CALL),
  );
}

function leasesOf(pairs: readonly string[], node: string): Lease[] {
  return pairs.flatMap((key, at) => (at % 2 === 0 ? [{ key, epoch: Number(pairs[at + 1]), node }] : []));
}
