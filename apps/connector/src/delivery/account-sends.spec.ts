import { describe, expect, it } from '@jest/globals';
import { PROFILES, type LimitSettings, type ProfileName } from '@rookery/pacing';
import { actionId, selfId, type Action, type Lane } from '@rookery/protocol';
import type { Admission, Candidate, Found, NoCandidate, SendRequest } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { AccountSends } from './account-sends';
import type { Hold } from './holds';

const self = selfId('10001');
const DAY = 86_400_000;

interface Setup {
  readonly settings?: Partial<LimitSettings>;
  readonly profile?: ProfileName;
  readonly since?: number;
  readonly firstSeen?: number;
}

/** A store that answers what the test says, on one clock with the process. */
function setUp({ settings = {}, profile = 'default', since, firstSeen = 0 }: Setup = {}) {
  const clock = new FakeClock();
  const wishes: Parameters<ConstructorParameters<typeof AccountSends>[0]['store']['next']>[1][] = [];
  const log: string[] = [];
  const heldMs: number[] = [];
  const requests: SendRequest[] = [];
  const holds = new Map<string, Hold>();
  const queue: Candidate[] = [];
  const store = {
    run: 'first',
    admission: undefined as Admission | undefined,
    againMs: undefined as number | undefined,
    away: false,
  };
  const put = (
    id: string,
    lane: Exclude<Lane, 'read'> = 'normal',
    { expiresIn = DAY, ...more }: Partial<Candidate> & { readonly data?: string; readonly expiresIn?: number } = {},
  ) => {
    const action: Action = {
      v: 1,
      id: actionId(id),
      self,
      name: 'send_group_msg',
      params: { group_id: '1', message: [{ type: 'text', data: { text: id } }] },
      lane,
      createdAt: clock.now(),
      expiresAt: clock.now() + expiresIn,
      origin: { plugin: 'test' },
    };
    const base = {
      kind: 'found',
      now: clock.now(),
      job: `a-${id}`,
      room: id,
      lane,
      actionKind: 'group',
      expired: false,
      tries: 0,
    } as const;
    queue.push({ ...base, data: JSON.stringify(action), ...more });
  };
  const sut = new AccountSends({
    self,
    clock,
    random: () => 0,
    store: {
      async next(_self, wish): Promise<Found | NoCandidate> {
        wishes.push(wish);
        const [found, ...behind] = queue.filter(
          ({ room, lane, actionKind, expired }) =>
            !wish.inHand.includes(room) &&
            (expired || (wish.lanes.includes(lane) && !wish.shutKinds.includes(actionKind))),
        );
        if (found) return { ...found, now: clock.now(), behind: behind.slice(0, (wish.most ?? 1) - 1) };
        return { kind: 'none', now: clock.now(), againMs: store.againMs, left: false };
      },
      async admit(request) {
        requests.push(request);
        return store.admission ?? { kind: 'now', now: clock.now(), nextMs: 0, nextBy: 'gap', chatMs: 0 };
      },
      run: async () => store.run,
      reached: async ({ id }, ms) => void log.push(`reached ${id} ${ms}`),
      end: async (_self, job) => {
        log.push(`end ${job}`);
        queue.splice(
          queue.findIndex((found) => found.job === job),
          1,
        );
      },
      setAside: async (_self, job) => {
        log.push(`aside ${job}`);
        queue.splice(
          queue.findIndex((found) => found.job === job),
          1,
        );
      },
      giveBack: async (_self, job) => void log.push(`back ${job}`),
      hold: async (_self, room, until, why) => {
        log.push(`hold ${room} ${until - clock.now()} ${why}`);
        queue.splice(
          queue.findIndex((found) => found.room === room),
          1,
        );
      },
      release: async (_self, reasons, chat) => void log.push(`release ${chat ?? 'all'} ${reasons.join(' ')}`),
      shut: async (_self, ms, coldMs) => {
        log.push(`shut ${ms} ${coldMs}`);
        return { now: clock.now(), firstSeen };
      },
    },
    // What nobody has begun is ended many at a time (expiry.spec.ts); here are those that need a look each.
    expired: { find: async () => [], end: async () => new Set() },
    onEnded: ({ id }) => log.push(`ended ${id}`),
    claims: {
      record: async (result, { job }) => {
        log.push(`kept ${result.id} ${result.outcome}${job === undefined ? '' : ` with ${job}`}`);
        if (store.away) throw new Error('away');
        return result;
      },
      release: async () => true,
      endUnbegun: async (result) => result,
      claimed: ({ id }, { kind }) => log.push(`claimed ${id} ${kind}`),
    },
    limits: {
      timeZone: 'UTC',
      since: () => since,
      inForce: () => ({ profile, settings: { ...PROFILES[profile], ...settings }, sources: {} as never }),
      inChat: () => undefined,
    },
    holds: { of: (_self, { id }) => holds.get(id), onChanged: () => undefined },
    onReady: () => log.push('ready'),
    onHeld: ({ id }, why, ms) => {
      log.push(`held ${id} ${why}`);
      heldMs.push(ms);
    },
    onWaited: ({ id }, layer, ms) => log.push(`waited ${id} ${layer} ${ms}`),
    onForeign: ({ code }) => log.push(`foreign ${code}`),
  });
  const taken = async () => (await sut.take())?.action.id;
  return { sut, clock, put, taken, holds, store, log, heldMs, wishes, requests };
}

describe('AccountSends', () => {
  it('finds a job once when two look at the same time', async () => {
    const { sut, put } = setUp();
    put('a');
    const [one, two] = await Promise.all([sut.take(), sut.take()]);
    expect([one?.action.id, two]).toEqual(['a', undefined]);
  });

  it('refuses what is in bulk where the account is muted, so that a broadcast turns to another account', async () => {
    const { sut, put, holds, log } = setUp();
    put('a', 'bulk');
    holds.set('a', { reason: 'muted', scope: 'chat' });
    const taken = await sut.take();
    expect(taken?.action.id).toBe('a');
    expect(taken?.refusal).toMatchObject({ outcome: 'refused', error: { code: 'ACTION_MUTED' } });
    expect(log).toEqual([]);
  });

  it('takes nothing more before NapCat has read what left last, and gives back what was taken at the same time', async () => {
    const { sut, put, log } = setUp();
    put('a');
    put('b');
    const [one, two] = [await sut.take(), await sut.take()];
    if (!one || !two) throw new Error('nothing waits');
    const claim = await sut.claim(one.action, 5);
    expect(await sut.claim(two.action, 5)).toEqual({ kind: 'wait' });
    expect(sut.waitMs()).toBe(30_000);
    expect(log).toEqual(['claimed a taken']);
    if (claim.kind === 'taken') claim.witness?.reached();
    expect(sut.waitMs()).toBe(0);
    expect(log).toEqual(['claimed a taken', 'ready']);
    expect(await sut.claim(two.action, 5)).toMatchObject({ kind: 'taken' });
  });

  it('does not send again what it has sent when Redis has forgotten that, and tells it of the send', async () => {
    const { sut, put, store, log } = setUp();
    put('a');
    const once = await sut.take();
    if (!once) throw new Error('nothing waits');
    const claim = await sut.claim(once.action, 5);
    if (claim.kind === 'taken') claim.witness?.reached();
    store.run = 'second';
    await once.putBack();
    const again = await sut.take();
    if (!again) throw new Error('nothing waits');
    expect(await sut.claim(again.action, 5)).toEqual({ kind: 'open' });
    expect(log).toEqual(['claimed a taken', 'ready', 'reached a 0', 'claimed a open', 'ready']);
    await sut.release(again.action, 5);
    expect(await sut.claim(again.action, 5)).toMatchObject({ kind: 'taken' });
  });

  it('sets a held chat aside and goes on with the next one', async () => {
    const { taken, put, holds, log } = setUp();
    put('a');
    put('b');
    holds.set('a', { reason: 'muted', scope: 'chat' });
    expect(await taken()).toBe('b');
    expect(log).toEqual(['hold a 30000 muted', 'held a muted']);
  });

  it('takes nothing while the whole account is held, and is open again when that is over', async () => {
    const { sut, taken, put, holds, clock } = setUp();
    put('a');
    holds.set('a', { reason: 'breaker', scope: 'account', until: clock.now() + 5_000 });
    expect(await taken()).toBeUndefined();
    expect(sut.waitMs()).toBe(5_000);
    holds.clear();
    await sut.reconsider();
    expect([sut.waitMs(), await taken()]).toEqual([0, 'a']);
  });

  it('lets only replies out in quiet hours, and tells afterwards how long the others waited for their end', async () => {
    const settings = { quietHours: { from: '00:00', to: '23:59' } };
    const { taken, put, clock, log } = setUp({ settings });
    const untilEnd = DAY - (clock.now() % DAY) - 60_000;
    put('slow', 'bulk');
    put('reply', 'interactive');
    expect(await taken()).toBe('reply');
    expect([await taken(), log.filter((line) => line.startsWith('waited'))]).toEqual([undefined, []]);
    clock.advance(untilEnd);
    expect([await taken(), log]).toEqual(['slow', expect.arrayContaining([`waited slow quiet_hours ${untilEnd}`])]);
  });

  it('passes over a kind that has reached its own limit until its time', async () => {
    const { sut, put, store, clock, log, wishes } = setUp();
    put('a', 'normal', { actionKind: 'file' });
    const one = await sut.take();
    if (!one) throw new Error('nothing waits');
    store.admission = { kind: 'wait', now: clock.now(), ms: 4_000, layer: 'kind' };
    expect(await sut.claim(one.action, 5)).toEqual({ kind: 'wait' });
    await one.putBack();
    expect(log).toContain('held a kind');
    expect([await sut.take(), wishes.at(-1)?.shutKinds]).toEqual([undefined, ['file']]);
    expect(sut.waitMs()).toBe(0);
  });

  it.each(['gap', 'account', 'day', 'cold_start'] as const)(
    'shuts the account where its %s says wait',
    async (layer) => {
      const { sut, put, store, clock } = setUp();
      put('a');
      const one = await sut.take();
      if (!one) throw new Error('nothing waits');
      store.admission = { kind: 'wait', now: clock.now(), ms: 4_000, layer };
      expect(await sut.claim(one.action, 5)).toEqual({ kind: 'wait' });
      expect(sut.waitMs()).toBe(4_000);
    },
  );

  it('tells of a long wait only as much as passes until it asks again', async () => {
    const { sut, put, store, clock, heldMs } = setUp();
    put('a');
    const one = await sut.take();
    if (!one) throw new Error('nothing waits');
    store.admission = { kind: 'wait', now: clock.now(), ms: DAY, layer: 'day' };
    await sut.claim(one.action, 5);
    expect([heldMs, sut.waitMs()]).toEqual([[30_000], 30_000]);
  });

  it('tells for how long a send kept the next one back, once that is found', async () => {
    const { sut, put, store, clock, log, taken } = setUp();
    put('a');
    put('b');
    const one = await sut.take();
    if (!one) throw new Error('nothing waits');
    store.admission = { kind: 'now', now: clock.now(), nextMs: 1_500, nextBy: 'account', chatMs: 0 };
    await sut.claim(one.action, 5);
    clock.advance(1_600);
    await one.done();
    put('c');
    expect(await taken()).toBe('b');
    expect(await taken()).toBe('c');
    expect(log.filter((line) => line.startsWith('waited'))).toEqual(['waited b account 1500']);
  });

  it('looks for what has expired where nothing may be sent, not again before something can have expired', async () => {
    const { sut, put, store, wishes, clock } = setUp();
    put('a', 'normal', { expired: true });
    const one = await sut.takeExpired();
    expect([one?.action.id, one?.isExpired]).toEqual(['a', true]);
    await one?.done();
    store.againMs = 2_000;
    expect(await sut.takeExpired()).toBeUndefined();
    const looks = wishes.length;
    expect([await sut.takeExpired(), wishes.length]).toEqual([undefined, looks]);
    clock.advance(2_000);
    await sut.takeExpired();
    expect(wishes.length).toBe(looks + 1);
  });

  it('finds several in one look where nothing keeps the next send back, and one where it may have to wait', async () => {
    for (const [gapSeconds, looks] of [
      [0, 1],
      [1, 3],
    ] as const) {
      const { put, taken, wishes } = setUp({ settings: { gapSeconds } });
      for (const id of ['a', 'b', 'c']) put(id);
      expect([await taken(), await taken(), await taken(), wishes.length]).toEqual(['a', 'b', 'c', looks]);
    }
  });

  it('ends what was found in time and has expired since as expired', async () => {
    const { sut, put, clock } = setUp({ settings: { gapSeconds: 0 } });
    put('a');
    put('b', 'normal', { expiresIn: 50 });
    put('c', 'normal', { expiresIn: 51 });
    expect((await sut.take())?.isExpired).toBe(false);
    clock.advance(50);
    expect([(await sut.take())?.isExpired, (await sut.take())?.isExpired]).toEqual([true, false]);
  });

  it.each([
    ['goes with an outcome that is certain', 'sent', false, ['kept a sent with a-a']],
    ['goes by itself where the outcome is kept later', 'unknown', false, ['kept a unknown', 'end a-a']],
    ['goes by itself where the outcome could not be kept', 'sent', true, ['kept a sent with a-a', 'end a-a']],
  ] as const)('a job that has ended %s', async (_, outcome, away, expected) => {
    const { sut, put, log, store } = setUp();
    put('a');
    store.away = away;
    const one = await sut.take();
    const recorded = sut.record({ id: actionId('a'), self, outcome, endedAt: 1 });
    expect((await Promise.allSettled([recorded]))[0]?.status).toBe(away ? 'rejected' : 'fulfilled');
    expect(await one?.done()).toBeUndefined();
    expect(log).toEqual(expected);
  });

  it('sets a job aside that is no action of ours, and goes on', async () => {
    const { taken, put, log } = setUp();
    put('a', 'normal', { data: 'no JSON' });
    put('b');
    expect(await taken()).toBe('b');
    expect(log).toEqual(['aside a-a', 'foreign ENVELOPE_INVALID']);
  });

  it('lets what it gave back unsent expire again', async () => {
    const { sut, put, log } = setUp();
    put('a');
    const one = await sut.take();
    if (!one) throw new Error('nothing waits');
    await sut.claim(one.action, 5);
    await sut.release(one.action, 5);
    expect(log).toEqual(['claimed a taken', 'ready', 'back a-a']);
    expect(sut.waitMs()).toBe(0);
  });

  it.each([
    ['', {}, 'shut 1225 61200'],
    [', which is longer for a young account', { since: new FakeClock().now() }, 'shut 1225 244800'],
    [', which is nothing without limits', { profile: 'unlimited' as const }, undefined],
  ])(
    'rests for its shortest window when it begins, and for the longest where Redis lost it%s',
    async (_, given, expected) => {
      const { sut, log } = setUp(given);
      await sut.begin();
      expect(log).toEqual(expected === undefined ? [] : [expected]);
    },
  );

  it.each([
    ['an account of unknown age is not young', {}, 1],
    ['an account that was made yesterday is', { since: -DAY }, 4],
    ['one that was made long ago is not', { since: -90 * DAY }, 1],
  ])('%s', async (_, { since }: { since?: number }, slowness) => {
    const start = new FakeClock().now();
    const { sut, put, requests } = setUp({ firstSeen: start, ...(since !== undefined && { since: start + since }) });
    await sut.begin();
    put('a');
    const one = await sut.take();
    if (one) await sut.claim(one.action, 5);
    expect(requests[0]?.limits.account[0]?.[1]).toBe(slowness * 61_200);
  });

  it('the profile cautious counts from the day on which the account was seen first', async () => {
    const { sut, put, requests } = setUp({ profile: 'cautious', firstSeen: new FakeClock().now() });
    await sut.begin();
    put('a');
    const one = await sut.take();
    if (one) await sut.claim(one.action, 5);
    expect(requests[0]?.limits.account[0]?.[1]).toBe(4 * 61_200);
  });
});
