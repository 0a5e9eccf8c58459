import { describe, expect, it } from '@jest/globals';
import type { CallEnd, Reply } from '@rookery/onebot';
import { actionId, selfId, type Action, type ActionResult } from '@rookery/protocol';
import type { Claim } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { AccountDelivery } from './account-delivery';
import type { Taken } from './ports';

const self = selfId('10001');
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const ok = {
  kind: 'replied',
  reply: { status: 'ok', retcode: 0, data: { message_id: 1 }, message: '', echo: 'x', stream: false },
} satisfies CallEnd;

type OnLate = ((reply: Reply) => void) | undefined;

interface Setup {
  readonly inFlight?: number;
  readonly gapMs?: number;
}

/** A queue in memory, a claim table, and a NapCat whose calls end when the test says so. */
function setUp({ inFlight = 1, gapMs = 0 }: Setup = {}) {
  const clock = new FakeClock();
  let openAt = 0;
  const queue: Action[] = [];
  const log: string[] = [];
  const claims = new Map<string, Claim>();
  /** What the queue knows of an action. */
  const known = new Map<string, Partial<Pick<Taken, 'isExpired' | 'refusal' | 'tries'>>>();
  const calls: { id: string; end: (end: CallEnd | { kind: 'down' }) => void; onLate: OnLate }[] = [];
  const results: ActionResult[] = [];
  const broken = { take: 0, claim: 0, record: 0 };
  const breakOn = (what: keyof typeof broken) => {
    if (broken[what] === 0) return;
    broken[what] -= 1;
    throw new Error(`Redis is away (${what})`);
  };
  const lease: { epoch: number | undefined } = { epoch: 5 };
  const sut = new AccountDelivery({
    self,
    epoch: () => lease.epoch,
    onStale: (action) => log.push(`stale ${action.id}`),
    clock,
    inFlight,
    pace: { waitMs: () => Math.max(0, openAt - clock.monotonic()) },
    waiting: {
      async take(): Promise<readonly Taken[]> {
        breakOn('take');
        const action = queue.shift();
        if (!action) return [];
        const taken: Taken = {
          action,
          tries: 0,
          ...known.get(action.id),
          async done() {
            log.push(`done ${action.id}`);
            return undefined;
          },
          async putBack(again) {
            log.push(`back ${action.id}${again === undefined ? '' : ` for try ${again.tries + 1} in ${again.ms}`}`);
            if (again === undefined) queue.unshift(action);
            else {
              known.set(action.id, { tries: again.tries });
              clock.after(again.ms, () => void queue.unshift(action));
            }
            return undefined;
          },
        };
        return [taken];
      },
    },
    claims: {
      async claim(action) {
        breakOn('claim');
        const claim = claims.get(action.id);
        if (claim) return claim;
        if (clock.monotonic() < openAt) return { kind: 'wait' };
        openAt = clock.monotonic() + gapMs;
        claims.set(action.id, { kind: 'open' });
        return { kind: 'taken' };
      },
      async record(result) {
        breakOn('record');
        claims.set(result.id, { kind: 'ended', result });
        return result;
      },
      async endUnbegun(result) {
        breakOn('record');
        const claim = claims.get(result.id);
        if (claim?.kind === 'ended') return claim.result;
        if (claim) return undefined;
        claims.set(result.id, { kind: 'ended', result });
        return result;
      },
      async release(action) {
        log.push(`released ${action.id}`);
        return claims.delete(action.id);
      },
    },
    caller: {
      caughtUp: async () => undefined,
      call(_self, name, params, { onLate }) {
        log.push(`call ${String(params['id'])} ${name}`);
        return new Promise((resolve) => calls.push({ id: String(params['id']), end: resolve, onLate }));
      },
    },
    random: () => 0.5,
    onRetried: (action, { error }) => log.push(`retried ${action.id} ${error?.code}`),
    onEnded: (_action, result) => results.push(result),
    onLate: (action, result) => log.push(`late ${action.id} ${result.outcome}`),
    onProgress: (progress) => log.push(`${progress.direction} ${progress.doneBytes}`),
    onTrouble: (error) => log.push(`trouble ${error.message}`),
  });
  const add = (id: string, expiresInMs = 60_000, media: object = {}) => {
    queue.push({
      v: 1,
      id: actionId(id),
      self,
      name: 'send_group_msg',
      params: { id, ...media },
      lane: 'interactive',
      createdAt: clock.now(),
      expiresAt: clock.now() + expiresInMs,
      origin: { plugin: 'test' },
    });
    sut.wake();
  };
  /** Limits are lifted: the next may leave now. */
  const lift = () => (openAt = 0);
  return { sut, clock, queue, log, claims, known, calls, results, broken, add, lease, lift };
}

const waitingAction = (): Action => ({
  v: 1,
  id: actionId('x'),
  self,
  name: 'send_group_msg',
  params: { id: 'b' },
  lane: 'interactive',
  createdAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  origin: { plugin: 'test' },
});

describe('AccountDelivery', () => {
  it('has its place free for the next one as soon as NapCat has answered, though Redis has not kept the outcome yet', async () => {
    const { sut, add, calls, log, broken, clock, results } = setUp();
    sut.open();
    add('a');
    await turn();
    add('b');
    await turn();
    expect(calls.map(({ id }) => id)).toEqual(['a']);
    broken.record = 1;
    calls[0]?.end(ok);
    await turn();
    expect([calls.map(({ id }) => id), log.includes('done a')]).toEqual([['a', 'b'], false]);
    clock.advance(1_000);
    await turn();
    expect([results.map(({ id }) => id), log.includes('done a')]).toEqual([['a'], true]);
  });

  it('waits when it stops for outcomes that are not kept yet', async () => {
    const { sut, add, calls, broken, clock } = setUp();
    sut.open();
    add('a');
    await turn();
    broken.record = 1;
    calls[0]?.end(ok);
    await turn();
    let stopped = false;
    void sut.stop().then(() => (stopped = true));
    await turn();
    expect(stopped).toBe(false);
    clock.advance(1_000);
    await turn();
    expect(stopped).toBe(true);
  });

  it('takes nothing from the queue while the link is down', async () => {
    const { sut, queue, add, calls } = setUp();
    add('a');
    await turn();
    expect(queue).toHaveLength(1);
    sut.open();
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a']);
  });

  it('sends one after the other, each after the reply to the one before', async () => {
    const { sut, add, calls, results } = setUp();
    sut.open();
    add('a');
    add('b');
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.end(ok);
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a', 'b']);
    expect(results).toMatchObject([{ id: 'a', outcome: 'sent', data: { message_id: 1 } }]);
  });

  it('leaves the next action in the queue until the pace allows it', async () => {
    const { sut, add, calls, queue, clock } = setUp({ gapMs: 1_000 });
    sut.open();
    add('a');
    add('b');
    await turn();
    calls[0]?.end(ok);
    await turn();
    expect(queue.map((action) => action.id)).toEqual(['b']);
    await clock.advanceAsync(999);
    expect(calls).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(calls).toHaveLength(2);
  });

  it('looks again after an end, for what was passed over while its chat was busy', async () => {
    const { sut, add, calls, queue } = setUp({ inFlight: 4 });
    sut.open();
    add('a');
    await turn();
    // A look that finds nothing, since the only room is in hand.
    sut.wake();
    await turn();
    queue.push({ ...waitingAction(), id: actionId('b') });
    calls[0]?.end(ok);
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a', 'b']);
  });

  it('looks up several things at a time, up to its bound', async () => {
    const { sut, add, calls } = setUp({ inFlight: 2 });
    sut.open();
    for (const id of ['a', 'b', 'c']) add(id);
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a', 'b']);
    calls[1]?.end(ok);
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a', 'b', 'c']);
  });

  it('goes by the clock of Redis where the queue knows it: our own may be an hour ahead, or behind', async () => {
    const { sut, add, clock, known, calls, results } = setUp({ inFlight: 2 });
    known.set('fresh', { isExpired: false });
    known.set('old', { isExpired: true });
    add('fresh', 500);
    add('old', 7_200_000);
    clock.advance(3_600_000);
    sut.open();
    await turn();
    expect(calls.map(({ id }) => id)).toEqual(['fresh']);
    expect(results).toMatchObject([{ id: 'old', outcome: 'not_sent', error: { code: 'ACTION_EXPIRED' } }]);
  });

  it('ends what the queue refuses without trying it', async () => {
    const { sut, add, known, calls, results, claims } = setUp();
    known.set('a', { refusal: { outcome: 'refused', error: { code: 'ACTION_MUTED', message: 'muted' } } });
    add('a');
    sut.open();
    await turn();
    expect(calls).toHaveLength(0);
    expect(results).toMatchObject([{ id: 'a', outcome: 'refused', error: { code: 'ACTION_MUTED' } }]);
    expect(claims.get('a')).toMatchObject({ kind: 'ended' });
  });

  it('drops an action past its expiry without sending it', async () => {
    const { sut, add, clock, calls, results, log } = setUp();
    add('old', 500);
    clock.advance(500);
    sut.open();
    await turn();
    expect(calls).toHaveLength(0);
    expect(results).toMatchObject([{ outcome: 'not_sent', error: { code: 'ACTION_EXPIRED' } }]);
    expect(log).toEqual(['done old']);
  });

  it('does not send again what a dead predecessor had claimed: the outcome is unknown', async () => {
    const { sut, add, claims, calls, results } = setUp();
    claims.set('a', { kind: 'open' });
    sut.open();
    add('a');
    await turn();
    expect(calls).toHaveLength(0);
    expect(results).toMatchObject([{ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } }]);
  });

  it('answers a replayed action with the first outcome', async () => {
    const { sut, add, claims, calls, results } = setUp();
    const first: ActionResult = { id: actionId('a'), self, outcome: 'sent', data: { message_id: 9 }, endedAt: 1 };
    claims.set('a', { kind: 'ended', result: first });
    sut.open();
    add('a');
    await turn();
    expect({ calls: calls.length, results }).toEqual({ calls: 0, results: [first] });
  });

  it('puts an action back, and forgets the claim, when the link was down before anything was written', async () => {
    const { sut, add, calls, log, claims, results } = setUp();
    sut.open();
    add('a');
    await turn();
    sut.close();
    calls[0]?.end({ kind: 'down' });
    await turn();
    expect(log).toEqual(['call a send_group_msg', 'released a', 'back a']);
    expect(results).toEqual([]);
    expect(claims.has('a')).toBe(false);
    sut.open();
    await turn();
    expect(calls).toHaveLength(2);
  });

  it('records what a late reply says of an unknown outcome, and tells nobody a second time', async () => {
    const { sut, add, calls, claims, results, log, broken } = setUp();
    sut.open();
    add('a');
    await turn();
    calls[0]?.end({ kind: 'timed_out' });
    await turn();
    calls[0]?.onLate?.({ ...ok.reply, status: 'async' });
    await turn();
    expect(claims.get('a')).toMatchObject({ result: { outcome: 'unknown' } });
    broken.record = 1;
    calls[0]?.onLate?.(ok.reply);
    await turn();
    expect(log.at(-1)).toBe('trouble Redis is away (record)');
    calls[0]?.onLate?.(ok.reply);
    await turn();
    expect(claims.get('a')).toMatchObject({ result: { outcome: 'sent', data: { message_id: 1 } } });
    expect({ told: results.map((result) => result.outcome), last: log.at(-1) }).toEqual({
      told: ['unknown'],
      last: 'late a sent',
    });
  });

  const upload = 'call undefined upload_file_stream';
  const picture = `base64://${Buffer.alloc(300 * 1024).toString('base64')}`;

  it('puts an action back, and forgets the claim, when the link is lost while its picture is uploaded', async () => {
    const { sut, add, calls, log, claims } = setUp();
    sut.open();
    add('p', 60_000, { file: picture });
    await turn();
    sut.close();
    for (const chunk of [0, 1]) {
      calls[chunk]?.end({ kind: 'down' });
      await turn();
    }
    expect(log).toEqual([upload, upload, 'back p']);
    expect(claims.has('p')).toBe(false);
  });

  it('reports that nothing was sent when a picture could not be uploaded', async () => {
    const { sut, add, calls, log, results } = setUp();
    sut.open();
    add('p', 60_000, { file: picture });
    for (const chunk of [0, 1]) {
      await turn();
      calls[chunk]?.end({ ...ok, reply: { ...ok.reply, status: 'failed', retcode: 1200, message: 'disk full' } });
    }
    await turn();
    expect(log).toEqual([upload, upload, 'done p']);
    expect(results).toMatchObject([{ outcome: 'not_sent', error: { code: 'ACTION_MEDIA_FAILED' } }]);
  });

  it('waits no longer for limits that were lifted when it is woken, and never cuts the pause after trouble short', async () => {
    const { sut, add, calls, lift, clock, broken } = setUp({ gapMs: 10_000 });
    sut.open();
    for (const id of ['a', 'b', 'c']) add(id);
    await turn();
    calls[0]?.end(ok);
    await turn();
    sut.wake();
    await turn();
    expect(calls.map(({ id }) => id)).toEqual(['a']);
    lift();
    sut.wake();
    await turn();
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b']);
    lift();
    broken.take = 1;
    calls[1]?.end(ok);
    await turn();
    lift();
    sut.wake();
    await turn();
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b']);
    await clock.advanceAsync(5_000);
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('tries again, later each time and at most four times, what was never written', async () => {
    const { sut, add, calls, results, log, clock } = setUp();
    sut.open();
    add('a');
    await turn();
    for (const waitMs of [1_000, 4_000, 16_000]) {
      calls.at(-1)?.end({ kind: 'closed', written: false });
      await turn();
      const made = calls.length;
      await clock.advanceAsync(waitMs - 1);
      expect(calls).toHaveLength(made);
      await clock.advanceAsync(100);
      expect(calls).toHaveLength(made + 1);
    }
    expect(log).toEqual(expect.arrayContaining(['released a', 'back a for try 2 in 1000', 'retried a LINK_DOWN']));
    calls.at(-1)?.end({ kind: 'closed', written: false });
    await turn();
    expect(results).toMatchObject([{ id: 'a', outcome: 'not_sent', tries: 4, error: { code: 'LINK_DOWN' } }]);
    await clock.advanceAsync(60_000);
    expect(calls).toHaveLength(4);
  });

  it('says how often it tried when another try succeeds, and does not mention it when there was none', async () => {
    const { sut, add, calls, results, clock } = setUp();
    sut.open();
    add('a');
    await turn();
    calls[0]?.end({ kind: 'closed', written: false });
    await turn();
    await clock.advanceAsync(1_100);
    calls[1]?.end(ok);
    await turn();
    add('b');
    await turn();
    calls[2]?.end(ok);
    await turn();
    expect(results.map(({ outcome, tries }) => [outcome, tries])).toEqual([
      ['sent', 2],
      ['sent', undefined],
    ]);
  });

  it('leaves what waits for another try to its expiry, and names the tries', async () => {
    const { sut, known, calls, results, add } = setUp();
    known.set('a', { tries: 2, isExpired: true });
    sut.open();
    add('a');
    await turn();
    expect(calls).toEqual([]);
    expect(results).toMatchObject([{ outcome: 'not_sent', tries: 2, error: { code: 'ACTION_EXPIRED' } }]);
    expect(results[0]?.error?.message).toContain('in 2 tries');
  });

  it.each([
    ['a timeout', { kind: 'timed_out' }, 'unknown'],
    ['a connection lost after writing', { kind: 'closed', written: true }, 'unknown'],
    [
      'a refusal',
      { kind: 'replied', reply: { ...ok.reply, status: 'failed', retcode: 1200, message: 'x' } },
      'refused',
    ],
    ['wrong parameters', { kind: 'replied', reply: { ...ok.reply, status: 'failed', retcode: 1400 } }, 'refused'],
  ] as const)('never tries again after %s', async (_what, end, outcome) => {
    const { sut, add, calls, results, clock } = setUp();
    sut.open();
    add('a', 3_600_000);
    await turn();
    calls[0]?.end(end);
    await turn();
    await clock.advanceAsync(120_000);
    expect(calls).toHaveLength(1);
    expect(results).toMatchObject([{ id: 'a', outcome }]);
  });

  it('reports unknown, and does not resend, when the connection was lost after writing', async () => {
    const { sut, add, calls, results, queue } = setUp();
    sut.open();
    add('a');
    await turn();
    calls[0]?.end({ kind: 'closed', written: true });
    await turn();
    expect(results).toMatchObject([{ outcome: 'unknown' }]);
    expect(queue).toHaveLength(0);
  });

  it('sends nothing that it could not claim, and tries again later', async () => {
    const { sut, add, broken, calls, log, clock } = setUp();
    broken.claim = 1;
    sut.open();
    add('a');
    await turn();
    expect(calls).toHaveLength(0);
    expect(log).toEqual(['back a', 'trouble Redis is away (claim)']);
    await clock.advanceAsync(1_000);
    expect(calls.map((call) => call.id)).toEqual(['a']);
  });

  it('goes on by itself after Redis was away while taking', async () => {
    const { sut, add, broken, calls, clock } = setUp();
    broken.take = 1;
    sut.open();
    add('a');
    await turn();
    expect(calls).toHaveLength(0);
    await clock.advanceAsync(1_000);
    expect(calls.map((call) => call.id)).toEqual(['a']);
  });

  it('records the outcome again where Redis did not answer in time, before the job goes', async () => {
    const { sut, clock, add, broken, calls, results, claims, log } = setUp();
    sut.open();
    add('a');
    await turn();
    broken.record = 4;
    calls[0]?.end(ok);
    await clock.advanceAsync(3_999);
    expect([results, log]).toEqual([[], ['call a send_group_msg']]);
    await clock.advanceAsync(1);
    expect(results).toMatchObject([{ outcome: 'sent' }]);
    expect(claims.get('a')).toMatchObject({ kind: 'ended', result: { outcome: 'sent' } });
    expect(log).toEqual(['call a send_group_msg', 'done a']);
  });

  it('reports the outcome also when it could not be recorded', async () => {
    const { sut, clock, add, broken, calls, results, log } = setUp();
    sut.open();
    add('a');
    await turn();
    broken.record = 5;
    calls[0]?.end(ok);
    await clock.advanceAsync(4_000);
    expect(results).toMatchObject([{ outcome: 'sent' }]);
    expect(log).toContain('trouble Redis is away (record)');
  });

  it('takes nothing while this node may not act for the account, and goes on when it may again', async () => {
    const { sut, add, lease, queue, calls } = setUp();
    lease.epoch = undefined;
    sut.open();
    add('a');
    await turn();
    expect(queue).toHaveLength(1);
    lease.epoch = 6;
    sut.wake();
    await turn();
    expect(calls.map((call) => call.id)).toEqual(['a']);
  });

  it('leaves an action to the newer holder of the account, and does not ask again by itself', async () => {
    const { sut, add, claims, queue, log, calls } = setUp();
    claims.set('a', { kind: 'stale' });
    sut.open();
    add('a');
    await turn();
    expect(log).toEqual(['stale a', 'back a']);
    expect({ calls: calls.length, waiting: queue.length }).toEqual({ calls: 0, waiting: 1 });
  });

  it('writes nothing when the lease was lost while Redis answered, and gives the claim back', async () => {
    const { sut, add, lease, claims, log, calls } = setUp();
    const take = claims.set.bind(claims);
    claims.set = (id, claim) => {
      lease.epoch = 9;
      return take(id, claim);
    };
    sut.open();
    add('a');
    await turn();
    sut.close();
    expect(log.slice(0, 2)).toEqual(['released a', 'back a']);
    expect(calls.filter((call) => call.id === 'a').length).toBeLessThanOrEqual(1);
  });

  it('stops when what is under way has ended, takes nothing more and leaves no timer', async () => {
    const { sut, add, calls, queue, clock } = setUp({ gapMs: 1_000 });
    sut.open();
    add('a');
    add('b');
    await turn();
    let stopped = false;
    void sut.stop().then(() => (stopped = true));
    await turn();
    expect(stopped).toBe(false);
    calls[0]?.end(ok);
    await turn();
    expect({ stopped, waiting: queue.length, timers: clock.pending }).toEqual({ stopped: true, waiting: 1, timers: 0 });
  });
});

describe('AccountDelivery of an action whose time is over', () => {
  it('that a dead predecessor had begun says unknown, not that nothing was sent', async () => {
    const { sut, add, claims, clock, results } = setUp();
    claims.set('old', { kind: 'open' });
    add('old', 500);
    clock.advance(500);
    sut.open();
    await turn();
    expect(results).toMatchObject([{ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } }]);
  });

  it('keeps it waiting when Redis cannot be told, and ends it later', async () => {
    const { sut, add, clock, broken, results, log } = setUp();
    add('old', 500);
    clock.advance(500);
    broken.record = 1;
    sut.open();
    await turn();
    expect(log).toEqual(['back old', 'trouble Redis is away (record)']);
    await clock.advanceAsync(1_000);
    expect(results).toMatchObject([{ outcome: 'not_sent' }]);
  });

  it('puts back what its limits do not allow at the moment of sending, and asks again when they may', async () => {
    const { sut, add, calls, clock, queue } = setUp({ gapMs: 1_000, inFlight: 2 });
    sut.open();
    add('a');
    add('b');
    await turn();
    expect({ sent: calls.map((call) => call.id), waiting: queue.map(({ id }) => id) }).toEqual({
      sent: ['a'],
      waiting: ['b'],
    });
    await clock.advanceAsync(1_000);
    expect(calls.map((call) => call.id)).toEqual(['a', 'b']);
  });
});
