import { RookeryError, toError } from '@rookery/protocol';
import type { Redis as Server } from 'ioredis';
import type { Redis } from './client';
import { PREFIX } from './keys';
import { masters } from './servers';

/** A key and a channel of ours that nobody uses. */
const PLACE = `${PREFIX}:rights`;

/** What scripts, BullMQ and calls of ours use, as it could be given; KEY stands for a key. */
const READS =
  'exists KEY, get KEY, mget KEY, hget KEY f, hmget KEY f, hgetall KEY, hexists KEY f, hkeys KEY, hlen KEY, hscan KEY 0, hrandfield KEY, llen KEY, ' +
  'lrange KEY 0 0, lindex KEY 0, lpos KEY v, scard KEY, sismember KEY m, smembers KEY, zcard KEY, zcount KEY 0 0, zscore KEY m, zmscore KEY m, zrange KEY 0 0, zrevrange KEY 0 0, ' +
  'zrangebyscore KEY 0 0, zrangebylex KEY - +, zrevrangebyscore KEY 0 0, zlexcount KEY - +, xlen KEY, xrange KEY - +, xrevrange KEY + -, xread streams KEY 0, ' +
  'pttl KEY, type KEY, dump KEY';
const WRITES =
  'set KEY v, del KEY, unlink KEY, incr KEY, incrby KEY 1, expire KEY 1, pexpire KEY 1, pexpireat KEY 1, persist KEY, rename KEY KEY, hset KEY f v, hsetnx KEY f v, ' +
  'hmset KEY f v, hdel KEY f, hincrby KEY f 1, lpush KEY v, rpush KEY v, lpop KEY, rpop KEY, rpoplpush KEY KEY, lrem KEY 0 v, lset KEY 0 v, ltrim KEY 0 0, ' +
  'sadd KEY m, srem KEY m, spop KEY, zadd KEY 0 m, zrem KEY m, zpopmin KEY, bzpopmin KEY 1, zremrangebyrank KEY 0 0, zremrangebyscore KEY 0 0, xadd KEY * f v, ' +
  'xdel KEY 0-1, xtrim KEY maxlen 0';
const OTHERS = `eval x 1 KEY, evalsha x 1 KEY, publish ${PLACE} m, ping, client setname x, pubsub channels ${PLACE}, time, info`;
const OF_A_CLUSTER = 'cluster slots, cluster info, readonly, readwrite, asking';
/** Sub-commands are given one by one. */
const WITH_SUBCOMMAND = new Set(['client', 'cluster', 'pubsub']);

/**
 * Rejects with REDIS_REFUSED when the user of the connection may do less than Rookery needs, with all that is missing and the command that gives
 * it. Every command is queued in a transaction that is given up, since Redis judges rights when it queues: nothing is carried out.
 */
export async function requireRights(redis: Redis): Promise<void> {
  const refused = await Promise.all(masters(redis).map((server) => refusedBy(server, redis.isCluster)));
  const missing = new Set(refused.flat());
  if (missing.size === 0) return;
  const user = masters(redis)[0]?.options.username ?? 'default';
  throw new RookeryError(
    'REDIS_REFUSED',
    `Redis refuses user ${user} what Rookery needs; run ACL SETUSER ${user} ${[...missing].join(' ')}` +
      `${redis.isCluster ? ' on every server' : ''}, or give the user the rights that docs/redis.md lists`,
  );
}

/** The rules that are missing, as ACL SETUSER takes them. */
async function refusedBy(server: Server, isCluster: boolean): Promise<string[]> {
  // One of its own: a transaction would take in whatever else is said on the connection.
  const visitor = server.duplicate({ lazyConnect: true, retryStrategy: () => null });
  visitor.on('error', () => undefined);
  try {
    await visitor.connect();
    const ask = (words: readonly string[]) => missingFor(visitor, words);
    const begun = await ask(['multi']);
    if (begun.length > 0) return begun;
    const families = [READS, WRITES, OTHERS, ...(isCluster ? [OF_A_CLUSTER] : [])];
    const commands = families.flatMap((family) => family.replaceAll('KEY', PLACE).split(', '));
    const refused = await Promise.all(commands.map((command) => ask(command.split(' '))));
    // Given up first; outside of a transaction `exec` is nothing but an error.
    for (const last of ['discard', 'exec']) refused.push(await ask([last]));
    for (const last of ['subscribe', 'unsubscribe']) refused.push(await ask([last, PLACE]));
    return refused.flat();
  } finally {
    visitor.disconnect();
  }
}

/** Whatever else Redis answers, it lets the user say it. */
async function missingFor(visitor: Server, [command = '', ...args]: readonly string[]): Promise<string[]> {
  try {
    await visitor.call(command, args);
    return [];
  } catch (thrown) {
    const { message } = toError(thrown);
    if (!message.startsWith('NOPERM')) return [];
    const [, , place] = /access (a|one of the) (key|channel)/.exec(message) ?? [];
    if (place !== undefined) return [`${place === 'key' ? '~' : '&'}${PREFIX}:*`];
    return [`+${command}${WITH_SUBCOMMAND.has(command) ? `|${args[0]}` : ''}`];
  }
}
