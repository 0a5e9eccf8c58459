import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { actionId, messageId, selfId, type ActionResult, type SelfId } from '@rookery/protocol';
import { ofOneServer, withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { keys } from './keys';
import { NewSends } from './new-sends';
import { ScriptCommand } from './script-command';
import { SendTurns, type LookWish } from './send-turns';
import { ServerRun } from './server-run';

const [one, two, three] = ['10001', '10002', '10003'].map(selfId) as [SelfId, SelfId, SelfId];
const WISH: LookWish = { lanes: ['interactive', 'normal', 'bulk'], shutKinds: [], inHand: [] };

let redis: Redis;
let run: string;
let turns: SendTurns;
let sends: NewSends;
withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => {
  jest.restoreAllMocks();
  run = await new ServerRun(redis).id();
  turns = new SendTurns(redis);
  sends = new NewSends(redis, { now: () => Date.now() });
});

const put = (self: SelfId, id: string, data = id) =>
  sends.put(self, {
    ...{ job: `a-${id}`, name: `send_group_msg normal group 4000000000000 group:${id}` },
    ...{ priority: 10, options: '{}', data, trace: 'send_group_msg group:1' },
  });
const sent = (self: SelfId, id: string): ActionResult => ({
  ...{ id: actionId(id), self, outcome: 'sent', endedAt: 1 },
  reference: { messageId: messageId(`m-${id}`) },
});
const conclude = (self: SelfId, id: string) => turns.conclude(`a-${id}`, sent(self, id));
const look = (self: SelfId, wish: Partial<LookWish> = {}) => turns.look(self, { ...WISH, ...wish });
/** Claims what it finds. */
const lookToClaim = async (self: SelfId) => {
  const answer = await look(self, { claim: { epoch: 5, run } });
  return answer.kind === 'none' ? [] : answer.found.map(({ job, claim }) => `${job} ${claim?.kind ?? 'free'}`);
};
const whySettled = (ends: readonly PromiseSettledResult<unknown>[]) =>
  ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'done'));

/** Not what tells a server the text of one. */
const isScript = ([command]: readonly unknown[]) => command instanceof ScriptCommand;

describe('turns of several accounts', () => {
  it('travel in one call, on a Redis Cluster in one of each account, and each look knows of the outcomes before it', async () => {
    for (const self of [one, two]) for (const id of ['a', 'b']) await put(self, `${id}${self}`);
    await look(three);
    const calls = jest.spyOn(redis, 'sendCommand');
    const [, first, , second, third] = await Promise.all([
      ...[conclude(one, `a${one}`), look(one, { inHand: [`a-a${one}`] })],
      ...[conclude(two, `a${two}`), look(two, { inHand: [`a-a${two}`] })],
      look(three),
    ]);
    expect(calls.mock.calls.filter(isScript)).toHaveLength(redis.isCluster ? 3 : 1);
    expect(first).toMatchObject({ found: [{ job: `a-b${one}` }], more: false });
    expect(second).toMatchObject({ found: [{ job: `a-b${two}` }], more: false });
    expect(third).toMatchObject({ kind: 'none', more: false });
    expect(await redis.exists(keys.outgoing(one, `a-a${one}`))).toBe(0);
  });

  ofOneServer(
    'are two calls at a time, go first come first served, 32 at a time, and wait for the call of their account',
    async () => {
      await look(one);
      await new Promise(setImmediate);
      const calls = jest.spyOn(redis, 'sendCommand');
      const order: string[] = [];
      const asked = Array.from({ length: 40 }, (_, n) => selfId(String(20_000 + n)));
      const first = look(one);
      await new Promise(setImmediate);
      const others = [...asked, one].map(async (self) => {
        await look(self);
        order.push(self);
      });
      await Promise.all([first, ...others]);
      expect([calls.mock.calls.length, order]).toEqual([3, [...asked, one]]);
    },
  );

  it('see what the call before them of their account does, which the calls of others go past', async () => {
    for (const self of [one, two]) await put(self, `a${self}`);
    const send = redis.sendCommand.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await look(three);
    await new Promise(setImmediate);
    const calls = jest.spyOn(redis, 'sendCommand');
    calls.mockImplementationOnce((async (...args: unknown[]) => {
      await held;
      return await send(...args);
    }) as never);
    const concluded = conclude(one, `a${one}`);
    await new Promise(setImmediate);
    const own = look(one);
    expect(await look(two)).toMatchObject({ found: [{ job: `a-a${two}` }] });
    await new Promise(setImmediate);
    expect(calls).toHaveBeenCalledTimes(2);
    release();
    await concluded;
    expect(await own).toMatchObject({ kind: 'none', more: false });
  });

  it('carry no more outcomes than one call may: what is left follows, and only behind it the look of its account', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => String(n));
    await Promise.all([one, two].flatMap((self) => ids.map((id) => put(self, `${self}-${id}`))));
    const calls = jest.spyOn(redis, 'sendCommand');
    const ends = [one, two].flatMap((self) => ids.map((id) => conclude(self, `${self}-${id}`)));
    const looks = Promise.all([look(one), look(two)]);
    expect(new Set(await Promise.all(ends))).toEqual(new Set([undefined]));
    const nothing = { kind: 'none', more: false };
    expect(await looks).toMatchObject([nothing, nothing]);
    expect(calls).toHaveBeenCalledTimes(2);
  });

  it('whose finds are long are not all answered by one call, and nothing of them is lost', async () => {
    const long = 'x'.repeat(300_000);
    for (const self of [one, two, three]) await put(self, `a${self}`, long);
    const calls = jest.spyOn(redis, 'sendCommand');
    const answers = Promise.all([one, two, three].map((self) => look(self)));
    const concluded = conclude(three, 'another');
    expect(await answers).toMatchObject([one, two, three].map((self) => ({ found: [{ job: `a-a${self}` }] })));
    await concluded;
    expect(calls.mock.calls.length).toBeGreaterThanOrEqual(3);
  });

  it('hold up and fail no other account where the keys of one are spoilt', async () => {
    for (const self of [one, two, three]) await put(self, `a${self}`);
    await redis.del(keys.sending(two, 'held'));
    await redis.set(keys.sending(two, 'held'), 'no sorted set');
    const ends = await Promise.allSettled([
      ...[conclude(one, `a${one}`), look(one)],
      ...[conclude(two, `a${two}`), look(two)],
      ...[conclude(three, `a${three}`), look(three)],
    ]);
    const spoilt = expect.stringContaining('WRONGTYPE');
    expect(whySettled(ends)).toEqual(['done', 'done', spoilt, spoilt, 'done', 'done']);
  });

  ofOneServer(
    'leave the claims of a look that failed to the next look of that account, and the others theirs',
    async () => {
      for (const self of [one, two]) await put(self, `a${self}`);
      await redis.set(keys.openActions(two), 'no hash');
      const ends = await Promise.allSettled([lookToClaim(one), lookToClaim(two)]);
      expect(whySettled(ends)).toEqual(['done', expect.stringContaining('WRONGTYPE')]);
      expect(await redis.get(keys.claim(two, actionId(`a${two}`)))).toMatch(/^open 5 /);
      await redis.del(keys.openActions(two));
      expect([await lookToClaim(one), await lookToClaim(two)]).toEqual([[`a-a${one} open`], [`a-a${two} ours`]]);
    },
  );

  ofOneServer('take anew, each account its own, what was claimed by a call whose answer was lost', async () => {
    for (const self of [one, two]) await put(self, `a${self}`);
    const send = redis.sendCommand.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    await look(three);
    jest.spyOn(redis, 'sendCommand').mockImplementationOnce((async (...args: unknown[]) => {
      await send(...args);
      throw new Error('Command timed out');
    }) as never);
    const ends = await Promise.allSettled([lookToClaim(one), conclude(three, 'c'), lookToClaim(two)]);
    expect(whySettled(ends)).toEqual(['Command timed out', 'Command timed out', 'Command timed out']);
    expect(await Promise.all([lookToClaim(one), lookToClaim(two)])).toEqual([[`a-a${one} ours`], [`a-a${two} ours`]]);
    expect(await conclude(three, 'c')).toBeDefined();
  });
});
