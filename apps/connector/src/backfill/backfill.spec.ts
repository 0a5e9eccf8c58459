import { describe, expect, it } from '@jest/globals';
import { decodeFrame, normalizeEvent, type CallEnd, type EventFrame } from '@rookery/onebot';
import {
  DEFAULT_POOL,
  groupId,
  MINUTE,
  SECOND,
  selfId,
  type Event,
  type GroupId,
  type SelfId,
} from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Backfill, type Gap } from './backfill';
import type { SeenGroup } from './sequence-memory';

const SELF = selfId('10001');
const GROUP = groupId('70');
const QUIET = groupId('71');
const START = Date.UTC(2026, 0, 1);

function decoded(fields: object): EventFrame {
  const result = decodeFrame(JSON.stringify(fields));
  if (result.kind !== 'event') throw new Error('the test frame is no event');
  return result.frame;
}
/** As NapCat writes it, live and in histories; message `seq` was said `seq` seconds after the start unless told otherwise. */
const message = (seq: number, group: GroupId = GROUP, saidAt = START + seq * SECOND) => ({
  self_id: 10001,
  post_type: 'message',
  message_type: 'group',
  group_id: Number(group),
  user_id: 7,
  message: [],
  message_id: seq + 5_000,
  message_seq: seq + 5_000,
  real_seq: String(seq),
  time: saidAt / 1000,
});
const eventOf = (fields: object, filled?: true): Event => {
  const reader = { self: SELF, pool: DEFAULT_POOL, receivedAt: START, ordinal: () => 0, ...(filled && { filled }) };
  const normalized = normalizeEvent(decoded(fields), reader);
  if (!normalized.ok) throw new Error(normalized.detail);
  return normalized.event;
};
const reply = (data: unknown, fields: object = {}): CallEnd => {
  const result = decodeFrame(JSON.stringify({ status: 'ok', retcode: 0, data, echo: 'x', ...fields }));
  if (result.kind !== 'reply') throw new Error('the test reply is none');
  return { kind: 'replied', reply: result.reply };
};

/** A backfill before a NapCat whose groups have the given histories, oldest message first. */
function setUp(
  histories: Readonly<Record<string, object[]>> = {},
  systemMessages: unknown = null,
  maxAgeMs = 10 * MINUTE,
) {
  const clock = new FakeClock(START);
  const asked: string[] = [];
  const askedAt: number[] = [];
  const filled: number[] = [];
  const requests: unknown[] = [];
  const gaps: Gap[] = [];
  const troubles: string[] = [];
  const saved: [SelfId, readonly SeenGroup[]][] = [];
  const answers = { stored: async (): Promise<SeenGroup[]> => [], override: undefined as CallEnd | undefined };
  const wanted = new Set<SelfId>([SELF]);
  const sut: Backfill = new Backfill({
    clock,
    maxAgeMs,
    isWanted: (self) => wanted.has(self),
    store: {
      load: () => answers.stored(),
      save: async (seen) => void saved.push(...seen),
    },
    call: async (_self, action, params) => {
      askedAt.push(clock.monotonic());
      const { group_id: group, message_seq: anchor, count } = params;
      asked.push(
        action === 'get_group_msg_history'
          ? `${String(group)} ${typeof anchor === 'string' ? anchor : 'newest'}`
          : action,
      );
      if (answers.override) return answers.override;
      if (action === 'get_group_system_msg') return reply(systemMessages);
      const all = histories[String(group)] ?? [];
      const at =
        anchor === undefined
          ? all.length
          : all.findIndex((m) => String((m as { message_id: number }).message_id) === anchor) + 1;
      return reply({ messages: all.slice(Math.max(0, at - Number(count)), at) });
    },
    accept: (_self, frame) => {
      if (frame['post_type'] === 'request') requests.push(frame['flag']);
      else {
        filled.push(Number(frame['real_seq']));
        sut.seen(eventOf(frame, true));
      }
    },
  });
  sut.on('gap', (gap) => gaps.push(gap));
  sut.on('trouble', (error) => troubles.push(error.message));
  const hear = (...messages: object[]) => messages.forEach((fields) => sut.seen(eventOf(fields)));
  const pass = (seconds: number) => clock.advanceAsync(seconds * SECOND);
  return { clock, sut, asked, askedAt, filled, requests, gaps, troubles, saved, answers, wanted, hear, pass };
}
const said = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => message(from + n));

describe('Backfill', () => {
  it('reads what a group said while the link was down, in order, and nothing twice', async () => {
    const { sut, hear, pass, filled, gaps, asked } = setUp({ [GROUP]: said(1, 60) });
    hear(...said(1, 10));
    await pass(60);
    sut.linkDown(SELF);
    await sut.linkUp(SELF);
    hear(message(58)); // live again before history is read
    await pass(5);
    expect(filled).toEqual(Array.from({ length: 47 }, (_, n) => 11 + n));
    expect(gaps).toEqual([{ self: SELF, groupId: GROUP, from: 11, to: 57, filled: 47, result: 'filled' }]);
    // Page by page, each ending with the oldest message of the one before; then the requests.
    expect(asked).toEqual(['70 newest', '70 5041', '70 5022', 'get_group_system_msg']);
  });

  it('finds no gap where nothing was said', async () => {
    const { sut, hear, pass, filled, gaps, asked } = setUp({ [GROUP]: said(1, 10) });
    hear(...said(1, 10));
    await sut.linkUp(SELF);
    await pass(5);
    expect([filled, gaps, asked]).toEqual([[], [], ['70 newest', 'get_group_system_msg']]);
  });

  it('reads requests only for an account that never heard a group, and nothing for one that is not ours to act for', async () => {
    const { sut, hear, wanted, pass, asked } = setUp();
    await sut.linkUp(SELF);
    await pass(5);
    expect(asked).toEqual(['get_group_system_msg']);
    hear(message(1));
    wanted.clear();
    await sut.linkUp(SELF);
    await pass(5);
    expect(asked).toHaveLength(1);
  });

  it('reads no request that is older than what the cluster remembers to have handled, however far back gaps are filled', async () => {
    const entry = (age: number) => ({
      request_id: Number(`${START - age}001`),
      invitor_uin: 7,
      group_id: 70,
      checked: false,
    });
    const listed = { join_requests: [entry(26 * MINUTE), entry(20 * MINUTE)] };
    const { sut, pass, requests } = setUp({}, listed, 24 * 60 * MINUTE);
    await sut.linkUp(SELF);
    await pass(5);
    expect(requests).toEqual([`${START - 20 * MINUTE}001`]);
  });

  it('asks at most once a second', async () => {
    const { sut, hear, pass, askedAt } = setUp({ [GROUP]: said(1, 90) });
    hear(message(1));
    await sut.linkUp(SELF);
    await pass(10);
    expect(askedAt.length).toBeGreaterThan(3);
    for (const [n, at] of askedAt.entries()) expect(at - (askedAt[n - 1] ?? -SECOND)).toBeGreaterThanOrEqual(SECOND);
  });

  it('stops at 100 messages of a group and says what is missing', async () => {
    const { sut, hear, pass, filled, gaps } = setUp({ [GROUP]: said(1, 300) });
    hear(message(1));
    await pass(300);
    await sut.linkUp(SELF);
    await pass(20);
    expect([filled.length, filled[0], filled.at(-1)]).toEqual([100, 201, 300]);
    expect(gaps).toMatchObject([{ from: 2, to: 300, filled: 100, result: 'bounded' }]);
  });

  it('stops at 1,000 messages of a reconnect', async () => {
    const groups = Array.from({ length: 12 }, (_, n) => groupId(String(100 + n)));
    const history = (group: GroupId) => Array.from({ length: 110 }, (_, n) => message(n + 1, group));
    const { sut, hear, pass, filled, gaps } = setUp(Object.fromEntries(groups.map((group) => [group, history(group)])));
    hear(...groups.map((group) => message(1, group)));
    await sut.linkUp(SELF);
    await pass(120);
    expect(filled).toHaveLength(1_000);
    expect(gaps.map(({ filled: n }) => n)).toEqual([...Array.from({ length: 10 }, () => 100), 0, 0]);
    expect(new Set(gaps.map(({ result }) => result))).toEqual(new Set(['bounded']));
  });

  it('reads nothing that is older than the bound', async () => {
    const old = [message(1), message(2, GROUP, START + MINUTE), message(3, GROUP, START + 20 * MINUTE)];
    const { sut, hear, pass, filled, gaps } = setUp({ [GROUP]: old });
    hear(message(1));
    await pass(20 * 60);
    await sut.linkUp(SELF);
    await pass(5);
    expect(filled).toEqual([3]);
    expect(gaps).toMatchObject([{ from: 2, to: 3, filled: 1, result: 'bounded' }]);
  });

  it('leaves groups alone that had been quiet, until their next message shows a jump', async () => {
    const late = START + 31 * MINUTE;
    const quiet = [message(1, QUIET, START), message(2, QUIET, late), message(3, QUIET, late), message(4, QUIET, late)];
    const { sut, hear, pass, filled, asked, gaps } = setUp({ [GROUP]: said(1, 1), [QUIET]: quiet });
    hear(message(1, QUIET, START), message(1, GROUP, START + 30 * MINUTE));
    await pass(31 * 60);
    await sut.linkUp(SELF);
    await pass(5);
    expect(asked).toEqual(['70 newest', 'get_group_system_msg']);
    hear(message(4, QUIET, late), message(5, QUIET, late), message(9, QUIET, late)); // only the first one tells
    await pass(5);
    expect([filled, asked.slice(2)]).toEqual([[2, 3], ['71 newest']]);
    expect(gaps).toEqual([{ self: SELF, groupId: QUIET, from: 2, to: 3, filled: 2, result: 'filled' }]);
  });

  it('goes on from what another node had seen, and without it when Redis does not tell', async () => {
    const { sut, answers, pass, filled, troubles } = setUp({ [GROUP]: said(1, 9) });
    answers.stored = async () => [{ groupId: GROUP, seq: 7, at: START + 7 * SECOND }];
    await sut.linkUp(SELF);
    await pass(5);
    expect(filled).toEqual([8, 9]);
    answers.stored = () => Promise.reject(new Error('Redis is away'));
    await sut.linkUp(SELF);
    await pass(5);
    expect([filled, troubles]).toEqual([[8, 9], ['Redis is away']]);
  });

  it('finds the jump of a group that spoke while Redis was asked', async () => {
    const { sut, answers, hear, pass, filled } = setUp({ [QUIET]: [1, 2, 3].map((seq) => message(seq, QUIET)) });
    let tell: (stored: SeenGroup[]) => void = () => {};
    answers.stored = () => new Promise((resolve) => (tell = resolve));
    const up = sut.linkUp(SELF);
    hear(message(3, QUIET));
    tell([
      { groupId: QUIET, seq: 1, at: START - 60 * MINUTE },
      { groupId: GROUP, seq: 1, at: START },
    ]);
    await up;
    await pass(5);
    expect(filled).toEqual([2]);
  });

  it.each([
    ['refuses', reply(null, { status: 'failed', retcode: 1200 })],
    ['answers nonsense', reply({ messages: 'none' })],
    ['is silent', { kind: 'timed_out' } as const],
  ])('records the gap as not filled when NapCat %s', async (_what, answer) => {
    const { sut, hear, answers, pass, gaps, filled } = setUp({ [GROUP]: said(1, 9) });
    hear(message(1));
    answers.override = answer;
    await sut.linkUp(SELF);
    await pass(5);
    expect([filled, gaps]).toEqual([[], [{ self: SELF, groupId: GROUP, from: 2, filled: 0, result: 'failed' }]]);
  });

  it('passes over entries of a history that are no messages, and a page that repeats itself', async () => {
    const { sut, hear, answers, pass, filled, gaps, asked } = setUp();
    hear(message(1));
    const { real_seq: _, ...unnumbered } = message(4);
    answers.override = reply({ messages: [null, 7, {}, { post_type: 'message' }, unnumbered, message(5), message(6)] });
    await sut.linkUp(SELF);
    await pass(10);
    expect([filled, gaps.map(({ result }) => result), asked.length]).toEqual([[5, 6], ['bounded'], 3]);
  });

  it('stops reading when the link goes down, and hands nothing up afterwards', async () => {
    const { clock, sut, hear, pass, filled, asked } = setUp({ [GROUP]: said(1, 60) });
    hear(message(1));
    await sut.linkUp(SELF);
    await pass(1.5);
    sut.linkDown(SELF);
    await pass(10);
    expect([asked, filled]).toEqual([['70 newest'], []]);
    await sut.close();
    expect(clock.pending).toBe(0);
  });

  it('hands up applications and invitations that came meanwhile, once, and not those that were heard or answered', async () => {
    const flag = (n: number, age = 0) => Number(`${START - age}00${n}`);
    const entry = (request_id: number, checked = false) => ({
      request_id,
      invitor_uin: 7,
      group_id: 70,
      message: '请通过',
      checked,
    });
    const listed = {
      join_requests: [
        entry(flag(1)),
        entry(flag(2)),
        entry(flag(3), true),
        entry(flag(4, 11 * MINUTE)),
        entry(12_345),
        null,
      ],
      invited_requests: [entry(flag(5))],
      InvitedRequest: [entry(flag(5))],
    };
    const { sut, hear, pass, requests } = setUp({ [GROUP]: said(1, 1) }, listed);
    const heard = {
      post_type: 'request',
      request_type: 'group',
      sub_type: 'add',
      self_id: 10001,
      user_id: 7,
      group_id: 70,
    };
    hear(message(1), { ...heard, comment: '', flag: String(flag(2)), time: START / 1000 });
    await sut.linkUp(SELF);
    await pass(5);
    expect(requests).toEqual([String(flag(1)), String(flag(5))]);
  });

  it('keeps what was seen every five seconds, only of accounts that are ours, and the rest at the end', async () => {
    const { clock, sut, hear, pass, saved, wanted, troubles } = setUp();
    hear(message(1), message(3), message(2));
    await pass(5);
    expect(saved).toEqual([[SELF, [{ groupId: GROUP, seq: 3, at: START + 3 * SECOND }]]]);
    await pass(60);
    wanted.clear();
    hear(message(4));
    await pass(5);
    expect(saved).toHaveLength(1);
    wanted.add(SELF);
    hear(message(5));
    await sut.close();
    expect([saved.length, clock.pending, troubles]).toEqual([2, 0, []]);
    sut.forget(SELF);
    hear(message(6));
    expect(clock.pending).toBe(0);
  });

  it('lets at most 20 accounts read at a time', async () => {
    const { sut, wanted, answers, pass, asked, hear } = setUp({ [GROUP]: said(1, 1) });
    hear(message(1));
    answers.stored = async () => [{ groupId: GROUP, seq: 1, at: START }];
    for (let n = 0; n < 60; n++) {
      const self = selfId(String(20_000 + n));
      wanted.add(self);
      await sut.linkUp(self);
    }
    await pass(1.2);
    expect(asked.length).toBeLessThanOrEqual(20);
    await pass(20);
    expect(asked).toHaveLength(120);
  });
});
