import { describe, expect, it } from '@jest/globals';
import {
  groupConversation,
  groupId,
  guildConversation,
  messageId,
  messageSeq,
  poolName,
  privateConversation,
  eventId,
  selfId,
  userId,
  type Action,
  type ActionResult,
  type Event,
  type MessageEvent,
  type NoticeEvent,
} from '@rookery/protocol';
import { FakeClock, noBacking } from '@rookery/testing';
import { isKeyed } from './asking';
import { contextFor, MessageHandlerContext } from './event-contexts';
import type { Log } from './log';
import type { Outbox } from './outbox';
import { at, cq, image, share, text } from './segment-builders';

const SELF = selfId('10001');
const GROUP = groupId('700');
const USER = userId('42');
const base = {
  id: eventId('m.10001.g700.s9'),
  self: SELF,
  pool: poolName('default'),
  conversation: groupConversation(poolName('default'), GROUP),
  time: 0,
  receivedAt: 0,
};
const inGroup: MessageEvent = {
  ...base,
  type: 'message',
  scene: { kind: 'group', groupId: GROUP },
  subType: 'normal',
  messageId: messageId('555'),
  seq: messageSeq('9'),
  sender: { userId: USER, nickname: 'n', card: '' },
  segments: [{ type: 'text', data: { text: '/x' } }],
  text: '/x',
  own: false,
};
const heartbeat: Event = { ...base, type: 'meta', kind: 'heartbeat', online: true, intervalMs: 1 };
const notice = (fields: object) =>
  ({ ...base, type: 'notice', kind: 'group_increase', fields: {}, ...fields }) as NoticeEvent;

function setUp(event: Event = inGroup, rest: MessageEvent['segments'] = []) {
  const clock = new FakeClock(1_000_000);
  const asked: Action[] = [];
  const posted: Action[] = [];
  const warnings: string[] = [];
  const deadlines: (number | undefined)[] = [];
  let postFailure: Error | undefined;
  const failPosts = (error: Error): void => void (postFailure = error);
  const outbox: Outbox = {
    ask(action, _signal, deadlineMs) {
      asked.push(action);
      deadlines.push(deadlineMs);
      const result: ActionResult = { id: action.id, self: action.self, outcome: 'sent', endedAt: clock.now() };
      return { queued: Promise.resolve(), result: Promise.resolve(result) };
    },
    post: (action) => (postFailure ? Promise.reject(postFailure) : Promise.resolve(void posted.push(action))),
  };
  const bound: object[] = [];
  const ignore = (): void => undefined;
  const log: Log = {
    debug: ignore,
    info: ignore,
    warn: (_fields, text) => void warnings.push(text),
    error: ignore,
    child: (fields) => (bound.push(fields), log),
  };
  const scope = { plugin: 'dice', handler: 'roll', signal: new AbortController().signal, deadline: 1_030_000 };
  const metrics = { count: ignore, observe: ignore };
  const services = { outbox, backing: noBacking, clock, log, metrics, locale: 'zh', seed: 'x', commands: [] } as const;
  const sut = contextFor(event, rest, scope, services);
  return { sut, clock, asked, posted, deadlines, failPosts, warnings, bound, outbox };
}

function ofMessage(event: MessageEvent = inGroup, rest: MessageEvent['segments'] = []) {
  const made = setUp(event, rest);
  if (!(made.sut instanceof MessageHandlerContext)) throw new Error('not the context of a message');
  return { ...made, sut: made.sut };
}

describe('HandlerContext', () => {
  it('asks for a reply in the lane of replies, in order of its conversation, for a minute', async () => {
    const { sut, asked } = setUp();
    const result = await sut.reply('hi');
    expect(result.outcome).toBe('sent');
    expect(asked).toEqual([
      {
        v: 1,
        id: 'm.10001.g700.s9.dice.roll.1',
        self: '10001',
        name: 'send_group_msg',
        params: { group_id: '700', message: [{ type: 'text', data: { text: 'hi' } }] },
        lane: 'interactive',
        conversation: 'group:default:700',
        createdAt: 1_000_000,
        expiresAt: 1_060_000,
        origin: { plugin: 'dice', event: 'm.10001.g700.s9' },
      },
    ]);
  });

  it('derives the same action ids when the handler is replayed', async () => {
    const ids = async () => {
      const { sut, asked, posted } = setUp();
      await sut.reply('one');
      await sut.call('get_status');
      await sut.post('two');
      return [...asked, ...posted].map((action) => action.id);
    };
    const first = await ids();
    expect(new Set(first).size).toBe(3);
    expect(await ids()).toEqual(first);
  });

  it('sends text that looks like CQ code as text', async () => {
    const { sut, asked } = setUp();
    await sut.reply('[CQ:at,qq=all]&#91;');
    expect(asked[0]?.params['message']).toEqual([{ type: 'text', data: { text: '[CQ:at,qq=all]&#91;' } }]);
  });

  it.each<[string, Event, string, object]>([
    [
      'a friend',
      {
        ...inGroup,
        scene: { kind: 'private', userId: USER },
        conversation: privateConversation(SELF, USER),
      },
      'send_private_msg',
      { user_id: '42' },
    ],
    [
      'a temporary session, naming its group',
      { ...inGroup, scene: { kind: 'private', userId: USER, viaGroup: GROUP } },
      'send_private_msg',
      { user_id: '42', group_id: '700' },
    ],
    [
      'a channel',
      {
        ...inGroup,
        scene: { kind: 'guild', guildId: 'g', channelId: 'c' },
        conversation: guildConversation('g', 'c'),
      },
      'send_guild_channel_msg',
      { guild_id: 'g', channel_id: 'c' },
    ],
    ['a notice of a group', notice({ groupId: GROUP, userId: USER }), 'send_group_msg', { group_id: '700' }],
    ['a notice of a person', notice({ userId: USER }), 'send_private_msg', { user_id: '42' }],
    [
      'a request',
      { ...base, type: 'request', kind: 'friend', userId: USER, comment: '', flag: 'f' },
      'send_private_msg',
      { user_id: '42' },
    ],
  ])('replies to %s', async (_name, event, action, target) => {
    const { sut, asked } = setUp(event);
    await sut.reply('x');
    expect(asked[0]).toMatchObject({ name: action, conversation: event.conversation });
    expect(asked[0]?.params).toEqual({ ...target, message: [{ type: 'text', data: { text: 'x' } }] });
  });

  it.each<[string, Event]>([
    ['meta', heartbeat],
    ['unknown', { ...base, type: 'unknown', kind: 'odd', raw: {} }],
    ['notice', notice({})],
  ])('refuses a reply to an event of type %s that happened in no chat', async (type, event) => {
    const { sut, asked, warnings } = setUp(event);
    expect(await sut.reply('x')).toMatchObject({ outcome: 'refused', error: { code: 'ACTION_INVALID' } });
    expect(asked).toEqual([]);
    expect(warnings[0]).toContain(`an event of type ${type} happened in no chat`);
  });

  it.each([
    ['nothing', ''],
    ['blanks', [' \n', '\u3000']],
    ['no segments', []],
  ])('refuses a reply of %s', async (_name, message) => {
    const { sut, asked } = ofMessage();
    expect(await sut.reply(message)).toMatchObject({ outcome: 'refused' });
    expect(await sut.quote(message)).toMatchObject({ outcome: 'refused' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['get_group_info', { group_id: '700' }, undefined, 'read'],
    ['ocr_image', { image: 'https://example.com/a.png' }, undefined, 'read'],
    ['get_of_another_implementation', { a: 1 }, undefined, 'read'],
    ['set_group_ban', { group_id: '700', user_id: '42', duration: 60 }, undefined, 'normal'],
    ['do_of_another_implementation', { a: 1 }, undefined, 'normal'],
    ['send_like', { user_id: '42', times: 1 }, 'bulk', 'bulk'],
  ] as const)('calls %s with %j and lane %s in lane %s', async (name: string, params, wanted, lane) => {
    const { sut, asked } = setUp();
    await sut.call(name, params, wanted && { lane: wanted });
    expect(asked[0]).toMatchObject({ name, lane, params });
    expect(asked[0]?.conversation).toBe(lane === 'read' ? undefined : 'group:default:700');
  });

  it.each([
    ['send_group_msg_async', { group_id: '1', message: 'x' }, 'send_group_msg', 'normal'],
    ['send_group_msg_rate_limited', { group_id: '1', message: 'x' }, 'send_group_msg', 'normal'],
    ['get_msg_async', { message_id: '5' }, 'get_msg', 'read'],
    ['get_msg_rate_limited', { message_id: '5' }, 'get_msg', 'normal'],
    ['unheard_of_async', {}, 'unheard_of', 'normal'],
  ])('answers %s as soon as it is stored, and asks for %j', async (form: string, params, name, lane) => {
    const { sut, asked, posted } = setUp();
    const answer = await sut.call(form, params);
    expect(answer).toEqual({ id: posted[0]?.id, status: 'async', retcode: 1 });
    expect(posted).toMatchObject([{ name, lane }]);
    expect(asked).toEqual([]);
  });

  it('says of a form that is not awaited when it was not accepted, and why', async () => {
    const late = setUp();
    late.sut.close();
    expect(await late.sut.call('send_like_async', { user_id: '1', times: 1 })).toMatchObject({
      status: 'failed',
      error: { code: 'ACTION_LATE' },
    });
    const away = setUp();
    away.failPosts(new Error('Redis is away'));
    const answer = await away.sut.call('send_like_async', { user_id: '1', times: 1 });
    expect(answer).toMatchObject({ status: 'failed', error: { code: 'ACTION_OUTCOME_UNKNOWN' } });
    await away.sut.queued();
  });

  it('types the forms that are not awaited', async () => {
    const { sut } = setUp();
    const accepted = await sut.call('get_group_info_async', { group_id: '1' });
    expect(accepted.status).toBe('async');
    // @ts-expect-error a parameter is missing, also in this form
    await expect(sut.call('get_group_info_rate_limited')).rejects.toThrow('parameter group_id is missing');
  });

  it('passes the caller’s deadline, expiry and id on', async () => {
    const { sut, asked, deadlines, clock } = setUp();
    const options = { deadlineMs: 2_000, expiresMs: 9_000, id: 'order-7' };
    await sut.call('send_like', { user_id: '1', times: 1 }, options);
    await sut.call('send_like', { user_id: '1', times: 1 }, { expiresAt: clock.now() + 5, id: '订单 7:' });
    expect(asked).toMatchObject([
      { id: 'key.dice.order-7', expiresAt: clock.now() + 9_000 },
      { id: expect.stringMatching(/^key\.dice\.~[\w-]{43}$/), expiresAt: clock.now() + 5 },
    ]);
    expect(deadlines).toEqual([2_000, undefined]);
    expect(isKeyed(asked[0]!.id)).toBe(true);
  });

  it('takes deadline, expiry and id for replies, quotes and sends as for calls', async () => {
    const { sut, asked, deadlines, clock } = ofMessage();
    await sut.reply('hi', { id: 'greeting', deadlineMs: 2_000 });
    await sut.quote('hi', { expiresMs: 9_000 });
    await sut.send({ user: '7' }, 'hi', { id: 'greeting', expiresAt: clock.now() + 5 });
    expect(asked).toMatchObject([
      { id: 'key.dice.greeting', lane: 'interactive', expiresAt: clock.now() + 60_000 },
      { id: 'm.10001.g700.s9.dice.roll.2', expiresAt: clock.now() + 9_000 },
      { id: 'key.dice.greeting', lane: 'normal', expiresAt: clock.now() + 5 },
    ]);
    expect(deadlines).toEqual([2_000, undefined, undefined]);
  });

  it('refuses a reply or send with impossible options, without throwing', async () => {
    const { sut, asked } = ofMessage();
    const wrong = { deadlineMs: -1 };
    for (const said of [sut.reply('x', wrong), sut.quote('x', wrong), sut.send({ user: '7' }, 'x', wrong)]) {
      expect(await said).toMatchObject({ outcome: 'refused', error: { code: 'ACTION_INVALID' } });
    }
    expect(asked).toEqual([]);
  });

  it.each([
    ['deadlineMs', { deadlineMs: -1 }],
    ['expiresMs', { expiresMs: Number.NaN }],
    ['expiresAt', { expiresAt: 0 }],
    ['id', { id: '' }],
  ])('refuses an impossible %s', async (name, options) => {
    const { sut, asked } = setUp();
    await expect(sut.call('get_login_info', {}, options)).rejects.toThrow(`get_login_info: ${name} must be`);
    expect(asked).toEqual([]);
  });

  it('types a call by the name of its action, and leaves other names open', async () => {
    const { sut } = setUp();
    const login = await sut.call('get_login_info');
    const nickname: string | undefined = login.data?.nickname;
    expect(nickname).toBeUndefined();
    // @ts-expect-error a parameter is missing
    await expect(sut.call('get_group_info')).rejects.toThrow('parameter group_id is missing');
    // @ts-expect-error a parameter is wrong
    await expect(sut.call('get_group_info', { grup_id: '1' })).rejects.toThrow('did you mean group_id?');
    expect(await sut.call('any_name', { any: ['thing'] })).toMatchObject({ outcome: 'sent' });
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  it.each<[string, string, Record<string, unknown>, string]>([
    ['a missing parameter', 'set_group_ban', { group_id: '1', user_id: '2' }, 'parameter duration is missing'],
    ['a parameter of a wrong type', 'set_group_card', { group_id: 'x', user_id: '2' }, 'parameter group_id must be'],
    ['an empty message', 'send_group_msg', { group_id: '1', message: '' }, 'parameter message: the message is empty'],
    ['a path of NapCat', 'set_qq_avatar', { file: '/app/config/onebot11_1.json' }, 'parameter file: a path is not'],
    ['two suffixes', 'get_msg_async_rate_limited', {}, 'has two suffixes'],
    ['more than a job may carry', 'any_name', { blob: 'x'.repeat(1024 * 1024) }, 'at most 1048576 fit'],
    ['a BigInt', 'get_msg', { id: 1n }, 'cannot be written as JSON'],
    ['a circle', 'get_msg', circular, 'cannot be written as JSON'],
    [
      'a getter that throws no error',
      'get_msg',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get() {
          throw 'broken';
        },
      }),
      'a value threw',
    ],
    ['no name', '', {}, 'is not the name of an action'],
    ['a path for a name', '../get_msg', {}, 'is not the name of an action'],
  ])('rejects a call with %s before anything is asked', async (_name, action, params, reason) => {
    const { sut, asked, warnings } = setUp();
    const call = sut.call(action, params);
    await expect(call).rejects.toMatchObject({ code: 'ACTION_INVALID' });
    await expect(call).rejects.toThrow(reason);
    expect(asked).toEqual([]);
    expect(warnings[0]).toContain(reason);
  });

  it('does not end the process for a wrong call that nobody waits for', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    void setUp().sut.call('set_group_ban', {} as never);
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  it.each([
    ['a share as the text that NapCat can send', share('https://a.example', 'A'), [text('A\nhttps://a.example')]],
    ['what cq() says as segments', cq('hi [CQ:at,id=42]'), [text('hi '), at('42')]],
    ['128 KiB of text whole', 'x'.repeat(128 * 1024), [text('x'.repeat(128 * 1024))]],
  ])('sends %s', async (_name, message, sent) => {
    const { sut, asked } = setUp();
    await sut.reply(message);
    expect(asked[0]?.params['message']).toEqual(sent);
  });

  it.each([
    ['a mention of nobody', { type: 'at', data: {} }, 'message[0] (at) needs the number of a person'],
    ['custom music without a picture', { type: 'music', data: { type: 'custom', url: 'https://a.b' } }, 'needs image'],
    ['a poke', { type: 'poke', data: {} }, 'call send_poke'],
    ['a picture from a private address', image('http://10.0.0.1/a.png'), 'is not public'],
    ['more text than anybody could mean', 'x'.repeat(256 * 1024 + 1), 'at most 262144'],
  ])('refuses %s with an explanation, whether said or returned', async (_name, message, reason) => {
    const { sut, asked, posted, warnings } = setUp();
    const result = await sut.reply(message);
    expect(result).toMatchObject({ outcome: 'refused', error: { code: 'ACTION_INVALID' } });
    expect(result.error?.message).toContain(reason);
    await sut.post(message);
    expect([asked, posted]).toEqual([[], []]);
    expect(warnings[1]).toContain(reason);
  });

  it('refuses and reports whatever a handler asks after it has ended', async () => {
    const { sut, asked, posted, warnings } = setUp();
    sut.close();
    expect(await sut.reply('late')).toMatchObject({ outcome: 'refused' });
    await sut.post('late');
    expect([asked, posted]).toEqual([[], []]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('after the handler had ended');
  });

  it('says that nothing can be lost only when every question is stored, awaited or not', async () => {
    const made = setUp();
    let stored = (): void => undefined;
    made.outbox.ask = () => ({
      queued: new Promise<void>((resolve) => (stored = resolve)),
      result: new Promise<ActionResult>(() => undefined),
    });
    void made.sut.reply('not awaited');
    let safe = false;
    const waiting = made.sut.queued().then(() => (safe = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(safe).toBe(false);
    stored();
    await waiting;
  });

  it('binds the log to plugin, handler and event, once', () => {
    const { sut, bound } = setUp();
    sut.log.info({}, 'a');
    sut.log.info({}, 'b');
    expect(bound).toEqual([{ plugin: 'dice', handler: 'roll', event: base.id }]);
  });
});

describe('MessageHandlerContext', () => {
  const { seq: _seq, ...withoutSeq } = inGroup;
  const { messageId: _id, ...withoutReference } = withoutSeq;

  it.each([
    ['the sequence number, which every account understands', inGroup, [{ type: 'reply', data: { seq: '9' } }]],
    ['the message id where there is no sequence number', withoutSeq, [{ type: 'reply', data: { id: '555' } }]],
    ['nothing where there is neither', withoutReference, []],
  ])('quotes by %s', async (_name, event, quotation) => {
    const { sut, asked } = ofMessage(event);
    await sut.quote('x');
    expect(asked[0]?.params['message']).toEqual([...quotation, { type: 'text', data: { text: 'x' } }]);
  });

  it('gives the text of the rest as arguments', () => {
    const rest = [
      { type: 'text', data: { text: ' a ' } },
      { type: 'face', data: { id: '1' } },
      { type: 'text', data: { text: 'b\n' } },
    ];
    expect(ofMessage(inGroup, rest).sut.args).toBe(' a b\n');
  });
});
