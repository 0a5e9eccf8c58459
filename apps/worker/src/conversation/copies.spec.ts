import { describe, expect, it } from '@jest/globals';
import { selfId, type Event } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { HANDLED, inGroup, MemoryDouble, said, stage, turn, type Said, type StageOptions } from './spec-stage';

const COPY = { result: 'skipped', reason: 'copy' };
const REPLAY = { result: 'skipped', reason: 'replay' };

function setUp(options: Partial<StageOptions> = {}) {
  const clock = new FakeClock();
  const made = stage({ clock, instant: true, ...options });
  const waited: boolean[] = [];
  made.sut.on('waited', (_event, came) => waited.push(came));
  const hear = (message: Said = {}) => made.sut.deliver(said({ clock, ...message }));
  return { clock, waited, hear, ...made };
}
const [A, B, C] = ['10001', '10002', '10003'] as const;

describe('copies of one message', () => {
  it('are one message: the first is dispatched at once where nobody else is known', async () => {
    const { hear, started, waited } = setUp();
    expect(await hear({ account: B })).toEqual(HANDLED);
    expect(await hear({ account: A })).toEqual(COPY);
    expect(await hear({ account: C })).toEqual(COPY);
    expect(started).toEqual([`m.${B}.g7.s1`]);
    expect(waited).toEqual([]);
  });

  it('wait for the copy of the account that answers in the group', async () => {
    const { hear, started, waited } = setUp();
    await hear({ account: A, seq: '1' });
    const early = hear({ account: B, seq: '2' });
    await turn();
    expect(started).toHaveLength(1);
    expect(await hear({ account: A, seq: '2' })).toEqual(HANDLED);
    expect(await early).toEqual(COPY);
    expect(started).toEqual([`m.${A}.g7.s1`, `m.${A}.g7.s2`]);
    expect(waited).toEqual([true]);
  });

  it('give way to a sibling after the grace time', async () => {
    const { hear, started, waited, clock } = setUp();
    await hear({ account: A, seq: '1' });
    const other = hear({ account: B, seq: '2' });
    await clock.advanceAsync(1_499);
    expect(started).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(await other).toEqual(HANDLED);
    expect(await hear({ account: A, seq: '2' })).toEqual(COPY);
    expect(started[1]).toBe(`m.${B}.g7.s2`);
    expect(waited).toEqual([false]);
  });

  it('hold back later messages of the conversation, each for no longer than its own grace time', async () => {
    const { hear, started, clock } = setUp();
    await hear({ account: A, seq: '1' });
    for (const seq of ['2', '3', '4']) {
      void hear({ account: B, seq });
      await clock.advanceAsync(100);
    }
    await clock.advanceAsync(1_500);
    expect(started.slice(1)).toEqual(['2', '3', '4'].map((seq) => `m.${B}.g7.s${seq}`));
  });

  it('are handled in the order in which things were said, also when what a late connector heard before comes during the grace time', async () => {
    const { hear, started } = setUp();
    await hear({ account: A, seq: '1' });
    void hear({ account: B, seq: '4' });
    void hear({ account: B, seq: '5' });
    await turn();
    for (const seq of ['2', '3', '4', '5']) void hear({ account: A, seq });
    await turn();
    expect(started).toEqual(['1', '2', '3', '4', '5'].map((seq) => `m.${A}.g7.s${seq}`));
  });

  it('are taken from an account that can act when the grace time has passed', async () => {
    const { hear, started, clock, offline } = setUp({ assignment: { explicit: () => selfId(C) } });
    offline.add(A);
    void hear({ account: A });
    void hear({ account: B });
    await clock.advanceAsync(1_500);
    expect(started).toEqual([`m.${B}.g7.s1`]);
  });

  it('are handled by the account that has them when none can act: nothing is lost', async () => {
    const { hear, offline } = setUp();
    offline.add(A);
    expect(await hear({ account: A })).toEqual(HANDLED);
  });

  it('of a message that a settled one quotes by seq need no number of their own: content, second and order tell', async () => {
    const { hear, started } = setUp();
    const bare = (account: string, url: string) => hear({ account, seq: null, text: `look https://x/${url} here` });
    expect(await bare(A, 'rkey-of-a')).toEqual(HANDLED);
    expect(await bare(B, 'rkey-of-b')).toEqual(COPY);
    expect(started).toHaveLength(1);
  });
});

describe('the same event again', () => {
  it('is settled with the first while that is being handled', async () => {
    const { sut, clock, started, end } = setUp({ instant: false });
    const event = said({ clock });
    const [first, second] = [sut.deliver(event), sut.deliver(event)];
    await turn();
    const third = sut.deliver(event);
    end(event);
    expect(await Promise.all([first, second, third])).toEqual([HANDLED, REPLAY, REPLAY]);
    expect(started).toHaveLength(1);
  });

  it('is skipped when it was settled, by this worker or the one before', async () => {
    const memory = new MemoryDouble();
    for (let worker = 0; worker < 2; worker++) {
      const { hear } = setUp({ memory });
      expect(await hear()).toEqual(worker === 0 ? HANDLED : REPLAY);
      expect(await hear()).toEqual(REPLAY);
      expect(await hear({ account: B })).toEqual(COPY);
    }
  });

  it('is handled again when a worker went down with it: its actions have the same ids', async () => {
    const memory = new MemoryDouble();
    const before = setUp({ memory, instant: false });
    void before.hear({ account: A });
    await turn();
    const after = setUp({ memory });
    expect(await after.hear({ account: A })).toEqual(HANDLED);
    expect([before.started, after.started]).toEqual([[`m.${A}.g7.s1`], [`m.${A}.g7.s1`]]);
  });

  it('does not make a second answer of the copy that comes to the next worker first', async () => {
    const memory = new MemoryDouble();
    const before = setUp({ memory, instant: false });
    void before.hear({ account: A });
    await turn();
    const after = setUp({ memory });
    expect(await after.hear({ account: B })).toEqual(COPY);
    expect(await after.hear({ account: A })).toEqual(HANDLED);
    expect(after.started).toEqual([`m.${A}.g7.s1`]);
  });

  it('is the one that is handled when another copy was chosen and both are here', async () => {
    const memory = new MemoryDouble();
    const before = setUp({ memory, instant: false });
    void before.hear({ account: A });
    await turn();
    const after = setUp({ memory, assignment: { explicit: () => selfId(B) } });
    const [a, b] = [after.hear({ account: A }), after.hear({ account: B })];
    expect(await Promise.all([a, b])).toEqual([HANDLED, COPY]);
    expect(after.started).toEqual([`m.${A}.g7.s1`]);
  });
});

describe('notices that several accounts see', () => {
  const notice = (account: string, at: number, kind = 'notify.poke', more: object = {}) =>
    ({
      ...said({ account }),
      id: `c.${account}.${at}.${kind}`,
      type: 'notice',
      kind,
      userId: '42',
      targetId: '43',
      time: at,
      fields: {},
      ...more,
    }) as unknown as Event;

  it('are one within five seconds, and two of one account stay two', async () => {
    const { sut, started } = setUp();
    const all = [notice(A, 1_000), notice(A, 2_000), notice(B, 5_000), notice(B, 6_000), notice(A, 20_000)];
    const results = await Promise.all(all.map(async (event) => sut.deliver(event)));
    expect(results).toEqual([HANDLED, HANDLED, COPY, COPY, HANDLED]);
    expect(started).toEqual([all[0], all[1], all[4]].map((event) => event?.id));
  });

  it.each<[string, string, object]>([
    ['kind', 'group_increase', {}],
    ['user', 'notify.poke', { userId: '99' }],
    ['operator', 'notify.poke', { operatorId: '99' }],
    ['target', 'notify.poke', { targetId: '99' }],
    ['reaction', 'notify.poke', { fields: { likes: [{ emojiId: '1', count: 1 }] } }],
  ])('are two when they differ in their %s', async (_name, kind, more) => {
    const { sut } = setUp();
    await sut.deliver(notice(A, 1_000));
    expect(await sut.deliver(notice(A, 1_000, kind, { ...more, id: 'other' }))).toEqual(HANDLED);
  });

  it('wait for the assignee like messages', async () => {
    const { sut, hear, started } = setUp();
    await hear({ account: A });
    const early = sut.deliver(notice(B, 1_000));
    await turn();
    expect(await sut.deliver(notice(A, 1_000))).toEqual(HANDLED);
    expect(await early).toEqual(COPY);
    expect(started[1]).toContain(`c.${A}`);
  });
});

describe('the worker that takes a partition over', () => {
  it('asks the same account to answer as the one before', async () => {
    const before = setUp();
    await before.hear({ account: A });
    const after = setUp();
    after.kept.set(inGroup('7'), before.kept.get(inGroup('7')) ?? selfId('0'));
    const early = after.hear({ account: B, seq: '2' });
    await turn();
    expect(await after.hear({ account: A, seq: '2' })).toEqual(HANDLED);
    expect(await early).toEqual(COPY);
  });
});
