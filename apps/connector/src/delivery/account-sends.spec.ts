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
  const limits = { profile };
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
    {
      expiresIn = DAY,
      params = { group_id: '1', message: [{ type: 'text', data: { text: id } }] },
      ...more
    }: Partial<Candidate> & { readonly expiresIn?: number; readonly params?: Action['params'] } = {},
  ) => {
    const action: Action = {
      v: 1,
      id: actionId(id),
      self,
      name: 'send_group_msg',
      params,
      lane,
      createdAt: clock.now(),
      expiresAt: clock.now() + expiresIn,
      origin: { plugin: 'test' },
    };
    const base = {
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
        const all = queue.filter(
          ({ job, lane, actionKind, expired }) =>
            !wish.inHand.includes(job) &&
            (expired || (wish.lanes.includes(lane) && !wish.shutKinds.includes(actionKind))),
        );
        const more = store.againMs !== undefined || queue.some(({ job }) => !wish.inHand.includes(job));
        const turn = (one: Candidate): number => (one.expired ? -1 : wish.lanes.indexOf(one.lane));
        all.sort((one, other) => turn(one) - turn(other));
        const [first] = all;
        if (first === undefined) return { kind: 'none', now: clock.now(), againMs: store.againMs, left: false, more };
        const found = all
          .filter((one) => turn(one) === turn(first))
          .slice(0, wish.most?.(first.lane) ?? 1)
          .map((one): Candidate => {
            if (wish.claim === undefined || one.expired) return one;
            return { claim: { kind: 'ours', epoch: wish.claim, number: `1.${one.job}` }, ...one };
          });
        return { kind: 'found', now: clock.now(), found, more: queue.length > wish.inHand.length + found.length };
      },
      async unclaim(_self, job, { number }) {
        log.push(`unclaimed ${job} ${number}`);
        if (store.away) throw new Error('away');
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
      inForce: () => ({
        profile: limits.profile,
        settings: { ...PROFILES[limits.profile], ...settings },
        sources: {} as never,
      }),
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
    onTrouble: ({ message }) => log.push(`trouble ${message}`),
  });
  const take = async () => (await sut.take(1, 5))[0];
  const taken = async () => (await take())?.action.id;
  return { limits, take, sut, clock, put, taken, holds, store, log, heldMs, wishes, requests };
}

describe('AccountSends', () => {
  it('finds a job once when two look at the same time', async () => {
    const { take, put } = setUp();
    put('a');
    const [one, two] = await Promise.all([take(), take()]);
    expect([one?.action.id, two]).toEqual(['a', undefined]);
  });

  it('refuses what is in bulk where the account is muted, so that a broadcast turns to another account', async () => {
    const { take, put, holds, log } = setUp();
    put('a', 'bulk');
    holds.set('a', { reason: 'muted', scope: 'chat' });
    const taken = await take();
    expect(taken?.action.id).toBe('a');
    expect(taken?.refusal).toMatchObject({ outcome: 'refused', error: { code: 'ACTION_MUTED' } });
    expect(log).toEqual([]);
  });

  it('takes nothing more before NapCat has read what left last, and gives back what was taken at the same time', async () => {
    const { take, sut, put, log } = setUp();
    put('a');
    put('b');
    const [one, two] = [await take(), await take()];
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
    const { take, sut, put, store, log } = setUp();
    put('a');
    const once = await take();
    if (!once) throw new Error('nothing waits');
    const claim = await sut.claim(once.action, 5);
    if (claim.kind === 'taken') claim.witness?.reached();
    store.run = 'second';
    await once.putBack();
    const again = await take();
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
    const { take, sut, put, store, clock, log, wishes } = setUp();
    put('a', 'normal', { actionKind: 'file' });
    const one = await take();
    if (!one) throw new Error('nothing waits');
    store.admission = { kind: 'wait', now: clock.now(), ms: 4_000, layer: 'kind' };
    expect(await sut.claim(one.action, 5)).toEqual({ kind: 'wait' });
    await one.putBack();
    expect(log).toContain('held a kind');
    expect([await take(), wishes.at(-1)?.shutKinds]).toEqual([undefined, ['file']]);
    expect(sut.waitMs()).toBe(0);
  });

  it.each(['gap', 'account', 'day', 'cold_start'] as const)(
    'shuts the account where its %s says wait',
    async (layer) => {
      const { take, sut, put, store, clock } = setUp();
      put('a');
      const one = await take();
      if (!one) throw new Error('nothing waits');
      store.admission = { kind: 'wait', now: clock.now(), ms: 4_000, layer };
      expect(await sut.claim(one.action, 5)).toEqual({ kind: 'wait' });
      expect(sut.waitMs()).toBe(4_000);
    },
  );

  it('tells of a long wait only as much as passes until it asks again', async () => {
    const { take, sut, put, store, clock, heldMs } = setUp();
    put('a');
    const one = await take();
    if (!one) throw new Error('nothing waits');
    store.admission = { kind: 'wait', now: clock.now(), ms: DAY, layer: 'day' };
    await sut.claim(one.action, 5);
    expect([heldMs, sut.waitMs()]).toEqual([[30_000], 30_000]);
  });

  it('tells for how long a send kept the next one back, once that is found', async () => {
    const { take, sut, put, store, clock, log, taken } = setUp();
    put('a');
    put('b');
    const one = await take();
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

  it('hands out as many as can be sent at once where nothing limits the account, claimed by the look; one where it may have to wait', async () => {
    for (const [profile, expected] of [
      ['unlimited', [['a', 'b', 'c'], ['d']]],
      ['default', [['a'], ['b']]],
    ] as const) {
      const { sut, put, log, requests } = setUp({ profile });
      for (const id of ['a', 'b', 'c', 'd']) put(id);
      const looks = [await sut.take(3, 5), await sut.take(3, 5)];
      expect(looks.map((taken) => taken.map(({ action }) => action.id))).toEqual(expected);
      for (const { action } of looks.flat()) await sut.claim(action, 5);
      const ids = profile === 'unlimited' ? ['a', 'b', 'c', 'd'] : ['a'];
      expect(log.filter((line) => line.startsWith('claimed'))).toEqual(ids.map((id) => `claimed ${id} taken`));
      expect(requests.length).toBe(profile === 'unlimited' ? 0 : 1);
    }
  });

  it('hands out no more in a row of a lane than is its share', async () => {
    const { sut, put } = setUp({ profile: 'unlimited' });
    for (let n = 0; n < 5; n++) put(`i${n}`, 'interactive');
    put('n', 'normal');
    const sent: string[] = [];
    for (let looks = 0; looks < 3; looks++) {
      for (const { action } of await sut.take(4, 5)) {
        sent.push(action.id);
        await sut.claim(action, 5);
      }
    }
    expect(sent).toEqual(['i0', 'i1', 'i2', 'n', 'i3', 'i4']);
  });

  it('does not look again when the last look saw all that waits, until something arrives or one goes back', async () => {
    const { take, sut, put, wishes } = setUp({ profile: 'unlimited' });
    put('a');
    const one = await take();
    expect([await take(), wishes.length]).toEqual([undefined, 1]);
    sut.arrived();
    expect([await take(), wishes.length]).toEqual([undefined, 2]);
    await one?.putBack();
    expect((await take())?.action.id).toBe('a');
  });

  describe('gives the claim of the look back', () => {
    const claimed = async (given: Setup = {}) => {
      const it = setUp({ profile: 'unlimited', ...given });
      it.put('a', 'normal', { expiresIn: 1_000 });
      const taken = await it.take();
      if (taken === undefined) throw new Error('nothing waits');
      return { ...it, taken, action: taken.action };
    };

    it('of what is put back unsent, once', async () => {
      const { taken, log, sut, action } = await claimed();
      expect(await taken.putBack()).toBeUndefined();
      expect([await sut.claim(action, 5), log]).toEqual([{ kind: 'stale' }, ['unclaimed a-a 1.a-a']]);
    });

    it('before it ends what was never begun, such as what has expired since', async () => {
      const { sut, log, action } = await claimed();
      await sut.endUnbegun({ id: action.id, self, outcome: 'not_sent', endedAt: 1 });
      expect(log).toEqual(['unclaimed a-a 1.a-a']);
    });

    it('when the account has come under another epoch, and lets admission decide', async () => {
      const { sut, log, action, requests } = await claimed();
      expect(await sut.claim(action, 6)).toEqual({ kind: 'taken' });
      expect([log, requests.map(({ epoch }) => epoch)]).toEqual([['unclaimed a-a 1.a-a', 'claimed a taken'], [6]]);
    });

    it('when the account has come under limits, and lets admission decide', async () => {
      const { sut, action, requests, limits } = await claimed();
      limits.profile = 'default';
      expect(await sut.claim(action, 5)).toMatchObject({ kind: 'taken' });
      expect(requests.length).toBe(1);
    });

    it('when a hold has begun, as behind the one that a breaker tries', async () => {
      const { sut, log, action, holds, taken } = await claimed();
      holds.set('a', { reason: 'breaker', scope: 'account' });
      expect(await sut.claim(action, 5)).toEqual({ kind: 'wait' });
      await taken.putBack();
      expect(log).toEqual(['unclaimed a-a 1.a-a', 'claimed a wait']);
    });

    it('of what is held or no action of ours, and goes on with the others though Redis fails over one of them', async () => {
      const { sut, put, holds, log, store } = setUp({ profile: 'unlimited' });
      put('held');
      put('broken', 'normal', { data: 'no JSON' });
      put('good');
      holds.set('held', { reason: 'muted', scope: 'chat' });
      store.away = true;
      expect((await sut.take(4, 5)).map(({ action }) => action.id)).toEqual(['good']);
      const given = log.filter((line) => /^(unclaimed|trouble)/.test(line));
      expect(given.sort()).toEqual([
        'trouble away',
        'trouble away',
        'unclaimed a-broken 1.a-broken',
        'unclaimed a-held 1.a-held',
      ]);
    });
  });

  it('hands out what was found beside an action that is a fault of ours', async () => {
    const { sut, put, log } = setUp({ profile: 'unlimited' });
    const params = { guild_id: '\ud800', channel_id: '1' };
    put('good');
    put('odd', 'normal', { params });
    put('better');
    expect((await sut.take(4, 5)).map(({ action }) => action.id)).toEqual(['good', 'better']);
    expect(log).toEqual(['trouble URI malformed']);
  });

  it('knows from the look what was begun or ended before, and asks about it once', async () => {
    const result = { id: actionId('b'), self, outcome: 'sent', endedAt: 1 } as const;
    const { sut, put, log, requests } = setUp({ profile: 'unlimited' });
    put('a', 'normal', { claim: { kind: 'open' } });
    put('b', 'normal', { claim: { kind: 'ended', result } });
    const [one, two] = await sut.take(2, 5);
    if (!one || !two) throw new Error('nothing waits');
    expect(await sut.claim(one.action, 5)).toEqual({ kind: 'open' });
    expect(await sut.claim(two.action, 5)).toEqual({ kind: 'ended', result });
    expect([log, requests.length]).toEqual([['claimed a open', 'claimed b ended'], 0]);
    // A claim of ours whose answer was lost was given back meanwhile.
    await sut.claim(one.action, 5);
    expect(requests.length).toBe(1);
  });

  it('ends what was found in time and has expired since as expired', async () => {
    const { take, put, clock } = setUp({ settings: { gapSeconds: 0 } });
    put('a');
    put('b', 'normal', { expiresIn: 50 });
    put('c', 'normal', { expiresIn: 51 });
    expect((await take())?.isExpired).toBe(false);
    clock.advance(50);
    expect([(await take())?.isExpired, (await take())?.isExpired]).toEqual([true, false]);
  });

  it.each([
    ['goes with an outcome that is certain', 'sent', false, ['kept a sent with a-a']],
    ['goes by itself where the outcome is kept later', 'unknown', false, ['kept a unknown', 'end a-a']],
    ['goes by itself where the outcome could not be kept', 'sent', true, ['kept a sent with a-a', 'end a-a']],
  ] as const)('a job that has ended %s', async (_, outcome, away, expected) => {
    const { take, sut, put, log, store } = setUp();
    put('a');
    store.away = away;
    const one = await take();
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
    const { take, sut, put, log } = setUp();
    put('a');
    const one = await take();
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
    const { take, sut, put, requests } = setUp({
      firstSeen: start,
      ...(since !== undefined && { since: start + since }),
    });
    await sut.begin();
    put('a');
    const one = await take();
    if (one) await sut.claim(one.action, 5);
    expect(requests[0]?.limits.account[0]?.[1]).toBe(slowness * 61_200);
  });

  it('the profile cautious counts from the day on which the account was seen first', async () => {
    const { take, sut, put, requests } = setUp({ profile: 'cautious', firstSeen: new FakeClock().now() });
    await sut.begin();
    put('a');
    const one = await take();
    if (one) await sut.claim(one.action, 5);
    expect(requests[0]?.limits.account[0]?.[1]).toBe(4 * 61_200);
  });
});
