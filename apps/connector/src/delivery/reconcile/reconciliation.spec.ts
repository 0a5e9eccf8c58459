import { afterEach, describe, expect, it } from '@jest/globals';
import {
  actionId,
  contentOf,
  DEFAULT_POOL,
  eventId,
  groupConversation,
  groupId,
  messageId,
  messageSeq,
  MINUTE,
  nodeId,
  SECOND,
  selfId,
  userId,
  type Action,
  type ActionResult,
  type MessageEvent,
} from '@rookery/protocol';
import type { Claim, OpenAction } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { Reconciliation } from './reconciliation';

const self = selfId('10001');
const GROUP = groupId('70');
const text = (words: string) => [{ type: 'text', data: { text: words } }];
const timeout = { code: 'ACTION_OUTCOME_UNKNOWN', message: 'timeout' } as const;

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

function setUp() {
  const clock = new FakeClock();
  const recorded: string[] = [];
  const records = new Map<string, ActionResult>();
  const told: string[] = [];
  const corrected: string[] = [];
  const found: string[] = [];
  const troubles: string[] = [];
  const looks: string[] = [];
  const forgotten: string[] = [];
  const store = {
    claim: { kind: 'taken' } as Claim,
    open: [] as OpenAction[],
    sent: [] as string[],
    history: [] as MessageEvent[],
    fail: 0,
    failOpen: 0,
    failHistory: 0,
  };
  const sut: Reconciliation = new Reconciliation({
    clock,
    claims: {
      claim: async () => store.claim,
      release: async () => true,
      endUnbegun: async (result) => records.get(result.id) ?? result,
      async record(result, how) {
        if (store.fail-- > 0) throw new Error('Redis is away');
        const before = records.get(result.id);
        if (before && before.outcome !== 'unknown') return before;
        records.set(result.id, result);
        recorded.push(`${result.id} ${result.outcome}${how?.isSought ? ' sought' : ''}`);
        return result;
      },
      async open() {
        if (store.failOpen-- > 0) throw new Error('no index');
        return store.open;
      },
      forgetOpen: async (_self, ids) => void forgotten.push(...ids),
      sentMessages: async () => store.sent,
    },
    async readHistory(_self, target) {
      looks.push(target);
      if (store.failHistory-- > 0) throw new Error('no history');
      return store.history;
    },
  });
  sut.on('told', ({ id }, { outcome, reference }) => {
    told.push([id, outcome, reference?.messageId, reference?.seq].filter(Boolean).join(' '));
  });
  sut.on('corrected', ({ id }, { outcome }, by) => corrected.push(`${id} ${outcome} ${by}`));
  sut.on('found', ({ id }, by) => found.push(`${id} ${by}`));
  sut.on('trouble', (error) => troubles.push(error.message));
  ends.push(() => void sut.close());

  const action = (id: string, words = 'hi', fields: Partial<Action> = {}): Action => ({
    v: 1,
    id: actionId(id),
    self,
    name: 'send_group_msg',
    params: { group_id: GROUP, message: text(words) },
    lane: 'interactive',
    createdAt: clock.now(),
    expiresAt: clock.now() + MINUTE,
    replyTo: nodeId('w1'),
    origin: { plugin: 'p' },
    ...fields,
  });
  const begin = async (id: string, words?: string, fields?: Partial<Action>) => {
    const begun = action(id, words, fields);
    expect(await sut.claim(begun, 1)).toEqual({ kind: 'taken' });
    return begun;
  };
  const end = async (begun: Action, how: Partial<ActionResult>) => {
    const result = await sut.record({ id: begun.id, self, outcome: 'sent', endedAt: clock.now(), ...how });
    sut.take(begun, result);
    await clock.advanceAsync(0);
  };
  const doubt = (begun: Action) => end(begun, { outcome: 'unknown', error: timeout });
  const answer = (begun: Action, id: number) => end(begun, { data: { message_id: id } });
  const message = (seq: number, words = 'hi', fields: Partial<MessageEvent> = {}): MessageEvent => ({
    id: eventId(`m.${seq}`),
    type: 'message',
    self,
    pool: DEFAULT_POOL,
    conversation: groupConversation(DEFAULT_POOL, GROUP),
    time: Math.floor(clock.now() / 1000) * 1000,
    receivedAt: clock.now(),
    scene: { kind: 'group', groupId: GROUP },
    subType: 'normal',
    messageId: messageId(String(1000 + seq)),
    seq: messageSeq(String(seq)),
    sender: { userId: userId('10001'), nickname: '', card: '' },
    segments: text(words),
    text: words,
    own: true,
    ...fields,
  });
  const hear = async (...events: MessageEvent[]) => {
    for (const event of events) sut.heard(event);
    await clock.advanceAsync(0);
  };
  const open = (id: string, fields: Partial<OpenAction> = {}): OpenAction => ({
    id: actionId(id),
    name: 'send_group_msg',
    lane: 'interactive',
    at: clock.now(),
    replyTo: nodeId('w1'),
    target: `group:${GROUP}`,
    content: contentOf({ message: text('hi') }) ?? '',
    ...fields,
  });
  return {
    sut,
    clock,
    store,
    recorded,
    records,
    told,
    corrected,
    found,
    troubles,
    looks,
    forgotten, // one per line would say no more
    action,
    begin,
    end,
    doubt,
    answer,
    message,
    hear,
    open,
  };
}

describe('Reconciliation of an action that this node sent', () => {
  it('passes on what is certain, with the message’s sequence when its report was heard', async () => {
    const { begin, answer, message, hear, told, recorded, sut, clock } = setUp();
    const heard = await begin('a');
    await hear(message(1));
    await answer(heard, 1001);
    await answer(await begin('b'), 1002);
    const refused = await begin('c');
    const result = await sut.record({ id: refused.id, self, outcome: 'refused', endedAt: clock.now() });
    sut.take(refused, result);
    expect(told).toEqual(['a sent 1001 1', 'b sent 1002', 'c refused']);
    expect(recorded).toEqual(['a sent', 'b sent', 'c refused']);
    expect(clock.pending).toBe(0);
  });

  it('tells `sent` instead of `unknown` when the message had been reported before the timeout', async () => {
    const { begin, doubt, message, hear, told, found, recorded, records, clock } = setUp();
    const a = await begin('a');
    await hear(message(7));
    expect(told).toEqual([]);
    await doubt(a);
    expect([told, found]).toEqual([['a sent 1007 7'], ['a message']]);
    expect(recorded).toEqual(['a sent']);
    expect(records.get('a')).toMatchObject({ data: { message_id: 1007 }, reference: { groupId: GROUP } });
    expect(clock.pending).toBe(0);
  });

  it('finds it in history where nothing is reported', async () => {
    const { begin, doubt, message, store, told, looks } = setUp();
    const a = await begin('a');
    store.history = [message(7, 'hi', { own: false }), message(8, 'other'), message(9)];
    await doubt(a);
    expect([told, looks]).toEqual([['a sent 1009 9'], ['group:70']]);
  });

  it('tells unknown after five seconds, goes on looking, and corrects the record when the message comes late', async () => {
    const { begin, doubt, message, hear, told, recorded, corrected, clock, sut } = setUp();
    await doubt(await begin('a'));
    await clock.advanceAsync(4_999);
    expect([told, recorded]).toEqual([[], []]);
    await clock.advanceAsync(1);
    expect([told, recorded]).toEqual([['a unknown'], ['a unknown sought']]);
    await clock.advanceAsync(5 * MINUTE);
    await hear(message(3));
    expect(corrected).toEqual(['a sent message']);
    expect(recorded.at(-1)).toBe('a sent');
    expect([told.length, sut.seeking, clock.pending]).toEqual([1, 0, 0]);
  });

  it('a late reply decides like a message, before and after `unknown` was told', async () => {
    const { begin, doubt, sut, told, corrected, found, clock } = setUp();
    const reply = (id: string) =>
      sut.record({ id: actionId(id), self, outcome: 'sent', data: { message_id: 5 }, endedAt: 1 });
    await doubt(await begin('early'));
    await reply('early');
    expect([told, corrected]).toEqual([['early sent 5'], []]);
    await doubt(await begin('late'));
    await clock.advanceAsync(6 * SECOND);
    await reply('late');
    expect([told.slice(1), corrected]).toEqual([['late unknown'], ['late sent reply']]);
    expect(found).toEqual(['early reply']);
  });

  it('gives up after ten minutes and leaves it unknown', async () => {
    const { begin, doubt, told, forgotten, looks, clock, sut } = setUp();
    await doubt(await begin('a'));
    await clock.advanceAsync(11 * MINUTE);
    expect([told, forgotten, looks.length, sut.seeking, clock.pending]).toEqual([['a unknown'], ['a'], 5, 0, 0]);
  });

  it('tells unknown at once where there is no message to look for', async () => {
    const { begin, doubt, told, recorded, looks } = setUp();
    const params = { group_id: '70', user_id: '7', duration: 60 };
    await doubt(await begin('ban', '', { name: 'set_group_ban', params }));
    expect([told, recorded, looks]).toEqual([['ban unknown'], ['ban unknown'], []]);
  });

  it('takes nothing for it that was said elsewhere, by others, before it, or with other words', async () => {
    const { begin, doubt, message, hear, told, clock } = setUp();
    const early = message(1);
    await clock.advanceAsync(7 * SECOND);
    const { messageId: _, ...unnamed } = message(2);
    await doubt(await begin('a'));
    const elsewhere = { scene: { kind: 'group', groupId: groupId('71') } } as const;
    const guild = { scene: { kind: 'guild', guildId: '1', channelId: '2' } } as const;
    await hear(early, unnamed, message(3, 'hi', elsewhere), message(4, 'hi', { own: false }), message(5, 'ho'));
    await hear(message(6, 'hi', guild));
    expect(told).toEqual([]);
    await hear(message(7));
    expect(told).toEqual(['a sent 1007 7']);
  });
});

describe('Reconciliation of equal messages', () => {
  it('waits for the answer of one that is under way before it decides about the other', async () => {
    const { begin, doubt, answer, message, hear, told } = setUp();
    await doubt(await begin('a'));
    const b = await begin('b');
    await hear(message(1));
    expect(told).toEqual([]);
    await answer(b, 1001);
    expect(told).toEqual(['b sent 1001 1']);
    await hear(message(1), message(2));
    expect(told).toEqual(['b sent 1001 1', 'a sent 1002 2']);
  });

  it('does not take the message of an earlier, answered one', async () => {
    const { begin, doubt, answer, message, store, told } = setUp();
    const a = await begin('a');
    await answer(a, 1001);
    store.history = [message(1)];
    await doubt(await begin('b'));
    expect(told).toEqual(['a sent 1001']);
  });

  it('decides about two when both were seen, in order, and about none when it was one', async () => {
    const { begin, doubt, message, hear, told, clock } = setUp();
    await doubt(await begin('a'));
    await clock.advanceAsync(SECOND);
    await doubt(await begin('b'));
    await hear(message(2));
    expect(told).toEqual([]);
    await hear(message(3));
    expect(told).toEqual(['a sent 1002 2', 'b sent 1003 3']);
  });

  it('leaves both unknown when one arrived and nobody can tell which', async () => {
    const { begin, doubt, message, hear, told, clock } = setUp();
    await doubt(await begin('a'));
    await doubt(await begin('b'));
    await hear(message(2));
    await clock.advanceAsync(11 * MINUTE);
    expect(told).toEqual(['a unknown', 'b unknown']);
  });

  it('decides about the rest when one was given back unsent or refused', async () => {
    const { begin, doubt, message, hear, told, sut } = setUp();
    await doubt(await begin('a'));
    const b = await begin('b');
    await hear(message(2));
    await sut.release(b, 1);
    await hear();
    expect(told).toEqual(['a sent 1002 2']);
  });
});

describe('Reconciliation after a takeover', () => {
  it('finds out what a predecessor had begun, and tells whoever still waits', async () => {
    const { sut, store, open, message, told, clock } = setUp();
    store.open = [open('a')];
    store.history = [message(4)];
    await sut.linkUp(self);
    await clock.advanceAsync(0);
    expect(told).toEqual(['a sent 1004 4']);
  });

  it('does not take a message that the predecessor had been answered about', async () => {
    const { sut, store, open, message, told, clock } = setUp();
    store.open = [open('a')];
    store.sent = ['1004'];
    store.history = [message(4)];
    await sut.linkUp(self);
    await clock.advanceAsync(5 * SECOND);
    expect(told).toEqual(['a unknown']);
  });

  it('leaves unknown what is too old, or has no message', async () => {
    const { sut, store, open, told, recorded, clock } = setUp();
    const { target: _target, content: _content, ...ban } = open('ban');
    store.open = [open('old', { at: clock.now() - 11 * MINUTE }), ban];
    await sut.linkUp(self);
    await clock.advanceAsync(0);
    expect(told).toEqual(['old unknown', 'ban unknown']);
    expect(recorded).toEqual(['old unknown', 'ban unknown']);
  });

  it('joins the job that comes back with what the index says, in either order, and answers each asker', async () => {
    const { sut, store, open, action, told, clock } = setUp();
    store.open = [open('a')];
    store.claim = { kind: 'open' };
    const unknown = { id: actionId('a'), self, outcome: 'unknown', error: timeout, endedAt: 1 } as const;
    const again = async () => {
      await sut.claim(action('a'), 2);
      sut.take(action('a'), await sut.record(unknown));
      await clock.advanceAsync(0);
    };
    await again();
    expect(sut.seeking).toBe(1);
    await again();
    await clock.advanceAsync(5 * SECOND);
    expect(told).toEqual(['a unknown']);
    await again();
    expect(told).toEqual(['a unknown', 'a unknown']);
  });

  it('seeks by the job where the index has nothing', async () => {
    const { sut, store, action, message, told, clock } = setUp();
    store.claim = { kind: 'open' };
    store.history = [message(4)];
    const a = action('a');
    await sut.claim(a, 2);
    sut.take(a, await sut.record({ id: a.id, self, outcome: 'unknown', error: timeout, endedAt: 1 }));
    await clock.advanceAsync(0);
    expect(told).toEqual(['a sent 1004 4']);
  });

  it('repeats a recorded outcome to whoever asks again, and seeks nothing', async () => {
    const { sut, store, action, told, clock } = setUp();
    const result: ActionResult = { id: actionId('a'), self, outcome: 'unknown', error: timeout, endedAt: 1 };
    store.claim = { kind: 'ended', result };
    const a = action('a');
    await sut.claim(a, 2);
    sut.take(a, result);
    expect([told, sut.seeking, clock.pending]).toEqual([['a unknown'], 0, 0]);
  });

  it('reads the index again when Redis was away, and looks again when the link was', async () => {
    const { sut, store, open, message, told, troubles, clock } = setUp();
    store.open = [open('a')];
    store.failOpen = 1;
    await sut.linkUp(self);
    store.failHistory = 1;
    await sut.linkUp(self);
    await clock.advanceAsync(0);
    store.history = [message(4)];
    await sut.linkUp(self);
    await clock.advanceAsync(0);
    expect([told, troubles]).toEqual([['a sent 1004 4'], ['no index', 'no history']]);
  });

  it('stores an outcome again until Redis takes it, and gives up after half a minute', async () => {
    const { begin, doubt, message, hear, store, told, recorded, clock } = setUp();
    await doubt(await begin('a'));
    store.fail = 2;
    await hear(message(1));
    await clock.advanceAsync(2 * SECOND);
    expect([told, recorded]).toEqual([['a sent 1001 1'], ['a sent']]);
    await doubt(await begin('b', 'ho'));
    store.fail = 1_000;
    await clock.advanceAsync(MINUTE);
    expect(told.at(-1)).toBe('b unknown');
  });

  it('leaves the search to the next holder when the account goes, and tells whoever asked', async () => {
    const { begin, doubt, sut, told, recorded, clock } = setUp();
    await doubt(await begin('a'));
    sut.forget(self);
    await clock.advanceAsync(11 * MINUTE);
    expect([told, recorded, sut.seeking, clock.pending]).toEqual([['a unknown'], ['a unknown sought'], 0, 0]);
  });

  it('does not wait for a Redis that is away when the process ends', async () => {
    const { begin, doubt, sut, told, recorded, store, clock } = setUp();
    await doubt(await begin('a'));
    store.fail = 1_000;
    await sut.close();
    expect([told, recorded, clock.pending]).toEqual([['a unknown'], [], 0]);
  });
});
