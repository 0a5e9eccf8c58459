import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { groupId, groupTarget, MINUTE, SECOND, selfId, type Action } from '@rookery/protocol';
import type { Redis } from '@rookery/redis';
import { FakeClock, withTestRedis } from '@rookery/testing';
import type { BroadcastRun } from './broadcast-run';
import { failed, ID, sent, SpecPool } from './spec-run';

const [A, B, C] = [selfId('10001'), selfId('10002'), selfId('10003')];

let redis: Redis;
let pool: SpecPool;
let runs: BroadcastRun[];

withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => {
  pool = new SpecPool(redis, new FakeClock());
  pool.online(A, B, C);
  pool.groups = { [A]: [1, 2, 3, 4], [B]: [3, 4, 5, 6], [C]: [1, 6, 7] };
  runs = [];
});
afterEach(() => Promise.all(runs.map((run) => run.stop())));

function start(epoch?: number): BroadcastRun {
  const run = pool.run(epoch);
  runs.push(run);
  return run;
}
const groupOf = ({ params }: Action) => Number(params['group_id']);
const reached = () => pool.asked.map(groupOf).sort((a, b) => a - b);
const range = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
const status = () => pool.store.find(ID);
const counts = async () => (await status()).counts;

describe('a broadcast to all groups of a pool', () => {
  it('reaches each group once, however many accounts are in it', async () => {
    await pool.create();
    await pool.ended(start());
    expect(reached()).toEqual(range(7));
    for (const { self, params } of pool.asked) expect(pool.groups[self]).toContain(Number(params['group_id']));
    expect(await status()).toMatchObject({ state: 'done', counts: { total: 7, sent: 7, waiting: 0, inHand: 0 } });
    expect(pool.trouble).toEqual([]);
  });

  it('asks for messages of the lane bulk, in the order of their conversation, with the time that is left', async () => {
    await pool.create({ expiresSeconds: 30 });
    await pool.ended(start());
    const [first] = pool.asked;
    expect(first).toMatchObject({
      id: expect.stringMatching(/^b\.abcdef\.g\d\.1$/),
      name: 'send_group_msg',
      lane: 'bulk',
      conversation: expect.stringMatching(/^group:default:\d$/),
      params: { message: [{ type: 'text', data: { text: 'hello' } }] },
      origin: { plugin: 'cli' },
    });
    expect(Number(first?.expiresAt) - Number(first?.createdAt)).toBe(30 * SECOND);
  });

  it('has few targets per account in hand, so that a pause has little to call back', async () => {
    pool.groups = { [A]: range(100), [B]: [], [C]: [] };
    pool.answer = () => undefined;
    await pool.create();
    start();
    await pool.until('a window is full', () => pool.asked.length === 3);
    pool.clock.advance(5 * SECOND);
    expect(pool.asked).toHaveLength(3);
    expect(await counts()).toMatchObject({ total: 100, inHand: 3, waiting: 97 });
  });

  it('gives more to the account that is faster', async () => {
    pool.groups = { [A]: range(60), [B]: range(60), [C]: [] };
    let slow = 0;
    pool.answer = ({ self }) => (self === B && slow++ >= 3 ? undefined : sent);
    await pool.create();
    start();
    await pool.until('all but those of the slow one are sent', async () => {
      const { total, waiting } = await counts();
      return total === 60 && waiting === 0;
    });
    expect(pool.asked.filter(({ self }) => self === A).length).toBeGreaterThan(50);
  });

  it('waits for an account that is expected to come, and then reaches its groups too', async () => {
    pool.drop(C);
    await pool.create();
    const run = start();
    await pool.until('the others are done', async () => (await counts()).sent === 6);
    pool.clock.advance(10 * SECOND);
    expect((await status()).state).toBe('running');
    pool.online(A, B, C);
    await pool.ended(run);
    expect(reached()).toEqual(range(7));
  });

  it('does not wait for an account that nobody expects', async () => {
    pool.accounts = [
      { self: A, online: true, awaited: false },
      { self: B, online: false, awaited: false },
    ];
    await pool.create();
    await pool.ended(start());
    expect(reached()).toEqual([1, 2, 3, 4]);
  });

  it('asks an account again that gave no answer, and says so', async () => {
    const { [C]: groups = [], ...others } = pool.groups;
    pool.groups = others;
    await pool.create();
    const run = start();
    await pool.until('it is known', () => pool.trouble.some((text) => text.includes('get_group_list')));
    pool.groups = { ...others, [C]: groups };
    await pool.ended(run);
    expect(reached()).toEqual(range(7));
  });
});

describe('a broadcast to a list', () => {
  it('reaches groups and people, and says who cannot be reached', async () => {
    pool.friends = { [A]: [7001, 10001], [B]: [], [C]: [7002] };
    await pool.create({ to: { groups: ['1', '99'], users: ['7002', '7099'] } });
    await pool.ended(start());
    expect(pool.asked.map(({ name }) => name).sort()).toEqual(['send_group_msg', 'send_private_msg']);
    expect(pool.asked.find(({ name }) => name === 'send_private_msg')?.self).toBe(C);
    expect(await counts()).toMatchObject({ total: 4, sent: 2, not_sent: 2 });
    const failures = await pool.store.failures(ID, 10);
    expect(failures.map(({ target, code }) => `${target} ${code}`).sort()).toEqual([
      'g99 ACTION_NOT_IN_GROUP',
      'u7099 ACTION_NOT_IN_GROUP',
    ]);
  });

  it('to friends leaves out the account itself', async () => {
    pool.friends = { [A]: [7001, 10001], [B]: [7001], [C]: [] };
    await pool.create({ to: 'friends' });
    await pool.ended(start());
    expect(pool.asked.map(({ params }) => params['user_id'])).toEqual(['7001']);
  });
});

describe('what may have been sent', () => {
  it('is never given to another account', async () => {
    pool.groups = { [A]: [1], [B]: [1], [C]: [1] };
    pool.answer = () => failed('unknown', 'ACTION_OUTCOME_UNKNOWN');
    await pool.create();
    await pool.ended(start());
    expect(pool.asked).toHaveLength(1);
    expect(await counts()).toMatchObject({ unknown: 1, sent: 0 });
    expect(await pool.store.failures(ID, 10)).toMatchObject([{ target: 'g1', outcome: 'unknown' }]);
  });

  it('stays with an account that drops while it sends', async () => {
    pool.groups = { [A]: [1], [B]: [], [C]: [] };
    pool.answer = () => undefined;
    await pool.create();
    const run = start();
    await pool.until('it is asked for', () => pool.asked.length === 1);
    pool.delivered.push(String(pool.asked[0]?.id));
    pool.groups = { [A]: [1], [B]: [1], [C]: [1] };
    pool.drop(A);
    pool.clock.advance(5 * SECOND);
    await pool.until('it was tried to call it back', async () => (await counts()).inHand === 1);
    pool.online(A, B, C);
    pool.settle(String(pool.asked[0]?.id), failed('unknown', 'ACTION_OUTCOME_UNKNOWN'));
    await pool.ended(run);
    expect(pool.asked).toHaveLength(1);
  });
});

describe('what is certainly not sent', () => {
  it.each(['ACTION_MUTED', 'ACTION_NOT_IN_GROUP', 'ACTION_NO_PERMISSION'] as const)(
    'for %s goes to another account of the group, under another id',
    async (code) => {
      pool.groups = { [A]: [1], [B]: [1], [C]: [] };
      pool.answer = ({ id }) => (id.endsWith('.1') ? failed('refused', code) : sent);
      await pool.create();
      await pool.ended(start());
      expect(pool.asked.map(({ id }) => id)).toEqual(['b.abcdef.g1.1', 'b.abcdef.g1.2']);
      expect(new Set(pool.asked.map(({ self }) => self)).size).toBe(2);
      expect(await counts()).toMatchObject({ sent: 1, refused: 0 });
      expect(pool.givenBack).toEqual(['elsewhere']);
    },
  );

  it('waits for an account that has not said yet whom it reaches', async () => {
    pool.groups = { [A]: [1], [C]: [] };
    pool.answer = ({ self }) => (self === A ? failed('refused', 'ACTION_MUTED') : sent);
    await pool.create();
    const run = start();
    await pool.until('the first has refused', () => pool.asked.length === 1);
    await pool.until('the second gave no answer', () => pool.trouble.some((text) => text.includes('get_group_list')));
    pool.groups = { [A]: [1], [B]: [1], [C]: [] };
    await pool.ended(run);
    expect(pool.asked.map(({ self }) => self)).toEqual([A, B]);
    expect(await counts()).toMatchObject({ sent: 1, refused: 0 });
  });

  it('to any account ends as refused, with the last reason', async () => {
    pool.groups = { [A]: [1], [B]: [1], [C]: [] };
    pool.answer = () => failed('refused', 'ACTION_MUTED');
    await pool.create();
    await pool.ended(start());
    expect(pool.asked).toHaveLength(2);
    expect(await counts()).toMatchObject({ refused: 1 });
    expect(await pool.store.failures(ID, 10)).toMatchObject([{ outcome: 'refused', code: 'ACTION_MUTED' }]);
  });

  it('for its content is not tried with other accounts', async () => {
    pool.groups = { [A]: [1], [B]: [1], [C]: [1] };
    pool.answer = () => failed('refused', 'ACTION_REFUSED');
    await pool.create();
    await pool.ended(start());
    expect(pool.asked).toHaveLength(1);
  });

  it('because the account is offline waits a while for that account, and goes on with others at once', async () => {
    pool.groups = { [A]: [1], [B]: [2], [C]: [] };
    let refusals = 0;
    pool.answer = ({ self }) => (self === A && ++refusals <= 2 ? failed('refused', 'ACTION_ACCOUNT_OFFLINE') : sent);
    await pool.create();
    const before = pool.clock.now();
    await pool.ended(start());
    expect(pool.clock.now() - before).toBeGreaterThanOrEqual(10 * SECOND);
    expect(pool.asked.map(({ id }) => id).sort()).toEqual([
      'b.abcdef.g1.1',
      'b.abcdef.g1.2',
      'b.abcdef.g1.3',
      'b.abcdef.g2.1',
    ]);
  });

  it('because the account has dropped is called back and given to a sibling', async () => {
    pool.groups = { [A]: [1, 2], [B]: [1, 2], [C]: [] };
    pool.answer = () => undefined;
    await pool.create();
    const run = start();
    await pool.until('both are in hand', async () => (await counts()).inHand === 2);
    const [first = A] = pool.asked.map(({ self }) => self);
    pool.answer = ({ self }) => (self === first ? undefined : sent);
    for (const { id, self } of pool.asked) if (self !== first) pool.settle(id, sent);
    pool.drop(first);
    await pool.until('both are sent', async () => (await counts()).sent === 2);
    pool.online(A, B, C);
    await pool.ended(run);
    expect(await counts()).toMatchObject({ total: 2, sent: 2 });
    expect(new Set(pool.delivered.map((id) => id.split('.')[2])).size).toBe(2);
    expect(pool.delivered).toHaveLength(2);
  });

  it('because its account is held back there for minutes goes to a sibling', async () => {
    pool.groups = { [A]: [1], [B]: [1], [C]: [] };
    pool.answer = ({ id }) => (id.endsWith('.1') ? undefined : sent);
    await pool.create();
    const run = start();
    await pool.until('it is in hand', () => pool.asked.length === 1);
    pool.clock.advance(3 * MINUTE);
    await pool.ended(run);
    expect(pool.asked.map(({ id }) => id)).toEqual(['b.abcdef.g1.1', 'b.abcdef.g1.2']);
    expect(pool.asked[0]?.self).not.toBe(pool.asked[1]?.self);
    expect(await counts()).toMatchObject({ sent: 1 });
  });
});

describe('an operator', () => {
  it('pauses: what is not begun is called back at once, and after resuming all is sent once', async () => {
    pool.answer = () => undefined;
    await pool.create();
    const run = start();
    await pool.until('some are in hand', async () => (await counts()).inHand > 3);
    const begun = pool.asked[0] as Action;
    pool.delivered.push(begun.id);
    await pool.store.want(ID, 'paused');
    run.wake();
    await pool.until('all but what was begun is back', async () => (await counts()).inHand === 1);
    expect((await status()).state).toBe('paused');
    const before = pool.asked.length;
    pool.clock.advance(30 * SECOND);
    expect(pool.asked).toHaveLength(before);
    pool.settle(begun.id, sent);
    pool.answer = () => sent;
    await pool.store.want(ID, 'running');
    run.wake();
    await pool.ended(run);
    expect(await counts()).toMatchObject({ total: 7, sent: 7 });
    expect(new Set(pool.delivered.map((id) => id.split('.')[2])).size).toBe(7);
    expect(pool.delivered).toHaveLength(7);
  });

  it('cancels: nothing more is sent, what was begun keeps its outcome, the rest is not_sent', async () => {
    pool.answer = () => undefined;
    await pool.create();
    const run = start();
    await pool.until('some are in hand', async () => (await counts()).inHand > 3);
    const begun = pool.asked[0] as Action;
    pool.delivered.push(begun.id);
    await pool.store.want(ID, 'cancelled');
    run.wake();
    await pool.until('all but what was begun is back', async () => (await counts()).inHand === 1);
    expect((await status()).state).toBe('cancelling');
    pool.settle(begun.id, sent);
    await pool.ended(run);
    expect(await status()).toMatchObject({ state: 'cancelled', counts: { total: 7, sent: 1, not_sent: 6 } });
    expect(await pool.store.failures(ID, 10)).toMatchObject([{ code: 'ACTION_WITHDRAWN' }, {}, {}, {}, {}, {}]);
  });

  it('sees it expire when its time is over', async () => {
    pool.accounts = [];
    await pool.create({ to: { groups: ['1', '2'] }, expiresSeconds: 60 });
    const run = start();
    pool.clock.advance(59 * SECOND);
    expect((await status()).state).toBe('running');
    await pool.ended(run);
    expect(await status()).toMatchObject({ state: 'expired', counts: { not_sent: 2 } });
    expect(await pool.store.failures(ID, 1)).toMatchObject([{ code: 'ACTION_EXPIRED' }]);
  });

  it('spreads it over time: never two at once, also not after a pause', async () => {
    pool.online(A);
    pool.groups = { [A]: range(10) };
    await pool.create({ spreadSeconds: 100, jitter: 0 });
    const run = start();
    const times: number[] = [];
    pool.answer = () => {
      times.push(pool.clock.now());
      return sent;
    };
    await pool.until('three are sent', () => times.length === 3);
    pool.mayAct = false;
    await pool.until('the time of three has passed', () => pool.clock.now() - Number(times[2]) > 30 * SECOND);
    pool.mayAct = true;
    await pool.ended(run);
    const gaps = times.slice(1).map((at, n) => at - Number(times[n]));
    expect(times).toHaveLength(10);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10 * SECOND);
  });
});

describe('a worker that is killed', () => {
  it('leaves its hands to the next, who asks for the same actions again', async () => {
    pool.answer = () => undefined;
    await pool.create();
    const first = start();
    await pool.until('some are in hand', async () => (await counts()).inHand > 3);
    const inHand = pool.asked.map(({ id }) => id);
    pool.settle(String(inHand[0]), sent);
    await first.stop();
    pool.answer = () => sent;
    await pool.ended(start(2));
    expect(await counts()).toMatchObject({ total: 7, sent: 7 });
    expect(pool.asked.every(({ id }) => id.endsWith('.1'))).toBe(true);
    expect(new Set(pool.delivered)).toEqual(new Set(pool.asked.map(({ id }) => id)));
  });

  it('before it asked for the action leaves a target that is sent by the next', async () => {
    await pool.create();
    const work = pool.work();
    await work.listTargets(
      A,
      [1, 2, 3, 4].map((n) => groupTarget(groupId(String(n)))),
      true,
    );
    await work.take(A, 1, pool.clock.now(), pool.clock.now() + MINUTE);
    await pool.ended(start(2));
    expect(pool.asked.map(({ id }) => id)).toContain('b.abcdef.g1.1');
    expect(await counts()).toMatchObject({ total: 7, sent: 7 });
  });

  it('and comes back after the action has expired: what was never begun is sent, under a new id', async () => {
    await pool.create();
    const work = pool.work();
    await work.listTargets(
      A,
      [1, 2, 3, 4].map((n) => groupTarget(groupId(String(n)))),
      true,
    );
    await work.take(A, 1, pool.clock.now(), pool.clock.now() + MINUTE);
    pool.clock.advance(5 * MINUTE);
    await pool.ended(start(2));
    expect(pool.asked.map(({ id }) => id)).toContain('b.abcdef.g1.2');
    expect(await counts()).toMatchObject({ sent: 7, unknown: 0 });
  });

  it('for longer than the record remembers leaves an unknown outcome, never a second message', async () => {
    await pool.create();
    const work = pool.work();
    await work.listTargets(
      A,
      [1, 2, 3, 4].map((n) => groupTarget(groupId(String(n)))),
      true,
    );
    await work.take(A, 1, pool.clock.now(), pool.clock.now() + MINUTE);
    pool.clock.advance(60 * MINUTE);
    await pool.ended(start(2));
    expect(pool.asked.map(groupOf)).not.toContain(1);
    expect(await counts()).toMatchObject({ sent: 6, unknown: 1 });
  });

  it('and goes on although its lease went to another does nothing any more', async () => {
    pool.answer = () => undefined;
    await pool.create();
    const former = start();
    await pool.until('some are in hand', async () => (await counts()).inHand > 3);
    pool.answer = () => sent;
    await pool.ended(start(2));
    const over = hasEnded(former);
    await pool.until('the former has noticed', over);
    expect(await counts()).toMatchObject({ total: 7, sent: 7 });
    expect(pool.delivered).toHaveLength(7);
  });

  it('does nothing while it is not sure of its lease', async () => {
    pool.mayAct = false;
    await pool.create();
    const run = start();
    pool.clock.advance(30 * SECOND);
    expect(pool.asked).toEqual([]);
    pool.mayAct = true;
    await pool.ended(run);
    expect(reached()).toEqual(range(7));
  });
});

describe('trouble with Redis', () => {
  it('is said and outlived: what was taken by a call whose answer was lost is not forgotten', async () => {
    await pool.create();
    const work = pool.work();
    const take = work.take.bind(work);
    let lost = 0;
    work.take = async (...asked) => {
      const taken = await take(...asked);
      if (lost++ < 2) throw new Error('Command timed out');
      return taken;
    };
    pool.work = () => work;
    await pool.ended(start());
    expect(pool.trouble).toContain('Command timed out');
    expect(reached()).toEqual(range(7));
    expect(await counts()).toMatchObject({ total: 7, sent: 7 });
  });
});

function hasEnded(run: BroadcastRun): () => boolean {
  let over = false;
  void run.ended.then(() => (over = true));
  return () => over;
}
