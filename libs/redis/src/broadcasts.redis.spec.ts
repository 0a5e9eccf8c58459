import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  broadcastId,
  broadcastPartition,
  checkBroadcast,
  groupTarget,
  groupId,
  selfId,
  userTarget,
  userId,
  type BroadcastInput,
  type BroadcastTarget,
} from '@rookery/protocol';
import { FakeClock, withTestRedis } from '@rookery/testing';
import { BroadcastTaken, BroadcastWork, type BroadcastHand } from './broadcast-work';
import { Broadcasts } from './broadcasts';
import type { Redis } from './client';

const PARTITIONS = 4;
const [A, B, C] = [selfId('10001'), selfId('10002'), selfId('10003')];
const id = broadcastId('abcdef');
const partition = broadcastPartition(id, PARTITIONS);
const group = (n: number) => groupTarget(groupId(String(n)));
const user = (n: number) => userTarget(userId(String(n)));

let redis: Redis;
let clock: FakeClock;
let sut: Broadcasts;
let work: BroadcastWork;

withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => {
  clock = new FakeClock();
  sut = new Broadcasts({ redis, partitions: PARTITIONS, clock });
  work = holder(1);
});

const holder = (epoch: number) => new BroadcastWork({ redis, partition, id, epoch });
const create = (input: Partial<BroadcastInput> = {}) =>
  sut.create(id, checkBroadcast({ to: 'groups', message: 'hello', ...input }), 'test');
const take = (self: typeof A, count = 10) => work.take(self, count, 5, 60_005);
const names = (hands: readonly BroadcastHand[]): BroadcastTarget[] => hands.map(({ target }) => target).sort();
const counts = async () => (await sut.find(id)).counts;
/** Of the broadcast's keys, those that are not needed once it has ended. */
const workingKeys = async () =>
  (await redis.keys('*broadcast-*')).filter((key) => /-(targets|queue|hands|accounts):/.test(key));

describe('a broadcast', () => {
  it('is what was asked for, once, whoever asks again', async () => {
    await create();
    await create({ message: 'other' });
    expect(await sut.find(id)).toMatchObject({
      id,
      state: 'running',
      pool: 'default',
      audience: 'groups',
      createdBy: 'test',
      message: [{ type: 'text', data: { text: 'hello' } }],
      createdAt: clock.now(),
      expiresAt: clock.now() + 6 * 3600 * 1000,
      counts: { total: 0, waiting: 0, inHand: 0, sent: 0, refused: 0, not_sent: 0, unknown: 0 },
    });
    expect(await BroadcastWork.open(redis, partition)).toEqual([id]);
  });

  it('is unknown under any other id', async () => {
    const other = broadcastId('unknown1');
    await expect(sut.find(other)).rejects.toMatchObject({ code: 'BROADCAST_UNKNOWN' });
    await expect(sut.want(other, 'paused')).rejects.toMatchObject({ code: 'BROADCAST_UNKNOWN' });
    expect(await sut.failures(other, 10)).toEqual([]);
  });

  it('is listed with the newest first, over all partitions', async () => {
    const ids = ['first1', 'second2', 'third33'].map(broadcastId);
    for (const each of ids) {
      await sut.create(each, checkBroadcast({ to: 'groups', message: each }), 'test');
      clock.advance(1000);
    }
    expect((await sut.list(2)).map((found) => found.id)).toEqual(['third33', 'second2']);
  });

  it('is refused when too many of its partition are open', async () => {
    let made = 0;
    for (let n = 0; made < 100; n++) {
      const next = broadcastId(`many${n}x`);
      if (broadcastPartition(next, PARTITIONS) !== partition) continue;
      made += 1;
      await sut.create(next, checkBroadcast({ to: 'groups', message: 'x' }), 'test');
    }
    await expect(create()).rejects.toMatchObject({ code: 'BROADCASTS_FULL' });
  });

  it('names 10,000 targets, in several parts', async () => {
    await create({ to: { groups: Array.from({ length: 10_000 }, (_, n) => String(n + 1)) } });
    expect(await counts()).toMatchObject({ total: 10_000, waiting: 10_000 });
    const targets = (await redis.keys('*broadcast-targets*'))[0] ?? '';
    expect(await redis.ttl(targets)).toBe(-1);
  });

  it('can be paused and resumed, and once cancelled stays so', async () => {
    await create();
    for (const [wish, state] of [
      ['paused', 'paused'],
      ['running', 'running'],
      ['cancelled', 'cancelling'],
      ['cancelled', 'cancelling'],
    ] as const) {
      await sut.want(id, wish);
      expect((await sut.find(id)).state).toBe(state);
    }
    await expect(sut.want(id, 'running')).rejects.toMatchObject({ code: 'BROADCAST_ENDED' });
  });
});

describe('targets', () => {
  it('of all groups are those that any account can reach, each once', async () => {
    await create();
    await work.listTargets(A, [group(1), group(2)], true);
    await work.listTargets(B, [group(2), group(3)], true);
    await work.listTargets(A, [group(1), group(2)], true);
    expect(await counts()).toMatchObject({ total: 3, waiting: 3 });
    expect((await work.accounts()).sort()).toEqual([A, B]);
    const first = await take(A);
    expect(names(first)).toEqual([group(1), group(2)]);
    expect(names(await take(B))).toEqual([group(3)]);
    expect(await counts()).toMatchObject({ waiting: 0, inHand: 3 });
  });

  it('of a list are those that are named, whatever else an account can reach', async () => {
    await create({ to: { groups: ['1'], users: ['7'] } });
    await work.listTargets(A, [group(1), group(2), user(7), user(8)], false);
    expect(names(await take(A))).toEqual([group(1), user(7)]);
    expect((await counts()).total).toBe(2);
  });

  it('are known as listed also for an account that reaches nobody', async () => {
    await create();
    await work.listTargets(A, [], true);
    expect(await work.accounts()).toEqual([A]);
  });

  it('of a large list come in several parts, and each is taken once', async () => {
    await create();
    const many = Array.from({ length: 1_234 }, (_, n) => group(n + 1));
    await work.listTargets(A, many, true);
    await work.listTargets(B, many, true);
    const seen: BroadcastTarget[] = [];
    for (let taking = true; taking;) {
      const hands = [...(await take(A, 7)), ...(await take(B, 5))];
      seen.push(...names(hands));
      taking = hands.length > 0;
    }
    expect(new Set(seen).size).toBe(1_234);
    expect(seen).toHaveLength(1_234);
  });

  it('keep a bounded number of accounts', async () => {
    await create();
    for (let n = 0; n < 12; n++) await work.listTargets(selfId(String(10_001 + n)), [group(1)], true);
    const stored = String(Object.values(await redis.hgetall((await redis.keys('*broadcast-targets*'))[0] ?? ''))[0]);
    expect(stored.split(',')).toHaveLength(8);
  });

  it('are not taken while the broadcast is paused or cancelled', async () => {
    await create();
    await work.listTargets(A, [group(1)], true);
    await sut.want(id, 'paused');
    expect(await take(A)).toEqual([]);
    await sut.want(id, 'running');
    expect(await take(A)).toHaveLength(1);
  });
});

describe('a target in hand', () => {
  let hand: BroadcastHand;
  beforeEach(async () => {
    await create();
    await work.listTargets(A, [group(1)], true);
    await work.listTargets(B, [group(1)], true);
    hand = (await take(A))[0] as BroadcastHand;
  });

  it('is found again by the next holder, with the same action', async () => {
    const next = holder(2);
    expect(await next.hands()).toEqual([{ target: group(1), self: A, attempt: 1, takenAt: 5, expiresAt: 60_005 }]);
    expect(next.actionOf(hand)).toBe(`b.${id}.${group(1)}.1`);
  });

  it('gets one outcome, however often it is told', async () => {
    await work.end(hand, 'sent');
    await work.end(hand, 'unknown');
    expect(await counts()).toMatchObject({ total: 1, waiting: 0, inHand: 0, sent: 1, unknown: 0 });
    expect(await take(B)).toEqual([]);
  });

  it('goes to another account after it was given back, under another action id', async () => {
    expect(await work.giveBack(hand, true)).toBe(true);
    expect(await take(A)).toEqual([]);
    expect(await take(B)).toMatchObject([{ target: group(1), self: B, attempt: 2 }]);
    await work.end(hand, 'unknown');
    expect(await counts()).toMatchObject({ inHand: 1, unknown: 0 });
  });

  it('goes to the same account again when that can still reach it', async () => {
    await work.giveBack(hand, false);
    await work.giveBack(hand, false);
    expect(await take(A)).toMatchObject([{ self: A, attempt: 2 }]);
    expect(await take(B)).toEqual([]);
  });

  it('is not given back when nobody is left who can reach it', async () => {
    await work.giveBack(hand, true);
    const [other] = await take(B);
    expect(await work.giveBack(other as BroadcastHand, true)).toBe(false);
    expect(await counts()).toMatchObject({ inHand: 1 });
  });

  it('can be reached by an account that is listed meanwhile', async () => {
    await work.listTargets(C, [group(1)], true);
    await work.giveBack(hand, true);
    expect(await take(C)).toMatchObject([{ self: C, attempt: 2 }]);
  });

  it('keeps the broadcast open, and ends with a failure that says why', async () => {
    expect(await work.close('cancelled', 9)).toBe(false);
    const failure = {
      target: group(1),
      outcome: 'unknown',
      code: 'ACTION_OUTCOME_UNKNOWN',
      message: 'm',
      self: A,
      at: 8,
    };
    await work.end(hand, 'unknown', failure as never);
    expect(await work.close('cancelled', 9)).toBe(true);
    expect(await sut.failures(id, 10)).toEqual([failure]);
    expect(await sut.find(id)).toMatchObject({ state: 'cancelled', endedAt: 9, counts: { unknown: 1, waiting: 0 } });
    await expect(sut.want(id, 'paused')).rejects.toMatchObject({ code: 'BROADCAST_ENDED' });
    expect(await workingKeys()).toEqual([]);
    expect(await BroadcastWork.open(redis, partition)).toEqual([]);
    const kept = await redis.keys('*broadcast*:abcdef');
    const lives = await Promise.all(kept.map((key) => redis.pttl(key)));
    expect(lives.every((ms) => ms > 6 * 24 * 3600 * 1000)).toBe(true);
    expect(lives).toHaveLength(2);
  });
});

describe('what is given up', () => {
  it('is all that waits, counted and listed within bounds; what is in hand or ended stays', async () => {
    await create();
    await work.listTargets(
      A,
      Array.from({ length: 1_500 }, (_, n) => group(n + 1)),
      true,
    );
    const [one, two] = await take(A, 2);
    await work.end(one as BroadcastHand, 'sent');
    await work.giveUp('ACTION_EXPIRED', 'too late', 77, false);
    expect(await counts()).toMatchObject({ total: 1_500, sent: 1, not_sent: 1_498, inHand: 1, waiting: 0 });
    const failures = await sut.failures(id, 5_000);
    expect(failures).toHaveLength(1_000);
    expect(failures[0]).toMatchObject({ outcome: 'not_sent', code: 'ACTION_EXPIRED', message: 'too late', at: 77 });
    await work.end(two as BroadcastHand, 'refused');
    expect(await counts()).toMatchObject({ inHand: 0, refused: 1 });
  });

  it('is only what no account can reach, where that is meant', async () => {
    await create({ to: { groups: ['1', '2'] } });
    await work.listTargets(A, [group(1)], false);
    await work.giveUp('ACTION_NOT_IN_GROUP', 'no account', 77, true);
    expect(await counts()).toMatchObject({ waiting: 1, not_sent: 1 });
    expect(await sut.failures(id, 10)).toMatchObject([{ target: group(2), code: 'ACTION_NOT_IN_GROUP' }]);
  });
});

describe('a former holder of the partition', () => {
  it('can change nothing once a newer one has acted', async () => {
    await create();
    await work.listTargets(A, [group(1), group(2)], true);
    const [hand] = await take(A, 1);
    const newer = holder(2);
    expect(await newer.take(A, 1, 6, 7)).toHaveLength(1);
    for (const attempt of [
      () => take(A),
      () => work.end(hand as BroadcastHand, 'sent'),
      () => work.giveBack(hand as BroadcastHand, false),
      () => work.listTargets(B, [group(3)], true),
      () => work.giveUp('ACTION_EXPIRED', '', 1, false),
      () => work.close('done', 1),
    ]) {
      await expect(attempt()).rejects.toThrow(BroadcastTaken);
    }
    expect(await counts()).toMatchObject({ total: 2, inHand: 2, sent: 0 });
  });

  it('can change nothing of a broadcast that is forgotten', async () => {
    await expect(work.listTargets(A, [group(1)], true)).rejects.toThrow(BroadcastTaken);
    expect(await redis.keys('*')).toEqual([]);
  });
});
