import { describe, expect, it } from '@jest/globals';
import { classify } from '@rookery/onebot';
import { FakeClock } from '@rookery/testing';
import { caller, fixture, GROUP, LIN, listen, OTHER, refusal, SELF, stage, STRANGER, WEN } from '../testing/stage';
import { ActionFailure } from './call';
import { failedReply } from '../endpoint/reply-frame';

const text = (line: string) => ({ type: 'text', data: { text: line } });
const group = Number(GROUP);

interface SegmentFacts {
  readonly type: string;
  readonly send: { readonly supported: boolean; readonly behaviour?: string };
}
const { segments } = fixture<{ segments: SegmentFacts[] }>('segments.json');
const failing = segments.filter(({ send }) => send.behaviour?.startsWith('unknown type') === true);
const dropped = segments.filter(({ send }) => send.behaviour?.startsWith('accepted, dropped') === true);

/** A stage with somebody else listening, and what that account saw of the last message. */
function chat() {
  const { world, clock } = stage(FakeClock);
  const seen = listen(world, OTHER);
  const call = caller(world);
  const send = (message: unknown) => call('send_group_msg', { group_id: group, message });
  return { world, clock, call, send, seen, last: () => seen.at(-1)?.['message'] };
}

describe('sending', () => {
  it.each([
    ['send_group_msg', { group_id: GROUP }],
    ['send_msg', { group_id: group, user_id: LIN }],
    ['send_msg', { message_type: 'group', group_id: group }],
  ])('%s with %j goes to the group', (action, where) => {
    const { call, seen } = chat();
    expect(call(action, { ...where, message: text('hi') })).toEqual({ message_id: expect.any(Number) });
    expect(seen).toMatchObject([{ group_id: group, user_id: Number(SELF), raw_message: 'hi' }]);
  });

  it.each([
    ['send_private_msg', { user_id: LIN }],
    ['send_private_msg', { user_id: Number(LIN), group_id: GROUP }],
    ['send_msg', { user_id: LIN }],
    ['send_msg', { message_type: 'private', user_id: LIN, group_id: GROUP }],
  ])('%s with %j goes to the friend', (action, where) => {
    const { call, world, seen } = chat();
    call(action, { ...where, message: [text('hi')] });
    expect(seen).toEqual([]);
    expect(world.directory.privateChat(SELF, LIN).history).toMatchObject([{ userId: SELF }]);
  });

  it('reaches a non-friend only through a common group that is named', () => {
    const { call, world } = chat();
    expect(refusal(() => call('send_private_msg', { user_id: WEN, message: [text('hi')] })).text).toContain(
      '请先添加对方为好友',
    );
    const outsider = { user_id: STRANGER, group_id: GROUP, message: [text('hi')] };
    expect(refusal(() => call('send_private_msg', outsider)).text).toContain('请先添加对方为好友');
    call('send_private_msg', { user_id: WEN, group_id: GROUP, message: [text('hi')] });
    expect(world.directory.privateChat(SELF, WEN, GROUP).history).toHaveLength(1);
  });

  it.each(failing.map(({ type }) => [type]))('fails the whole message for the unknown segment %s', (type) => {
    const { send, seen } = chat();
    expect(refusal(() => send([text('hi'), { type, data: {} }]))).toEqual({
      retcode: 1200,
      text: `未知的消息类型：${type}`,
    });
    expect(seen).toEqual([]);
  });

  it.each(dropped.map(({ type }) => [type]))('drops %s in silence and sends the rest', (type) => {
    const { send, last } = chat();
    send([{ type, data: { id: '1' } }, text('hi')]);
    expect(last()).toEqual([text('hi')]);
  });

  it.each([
    ['a mention without qq', { type: 'at', data: { id: LIN } }],
    ['a quote of an unknown id', { type: 'reply', data: { id: '77' } }],
    ['a quote of an unknown sequence', { type: 'reply', data: { seq: '1' } }],
  ])('drops %s in silence and sends the rest', (_, segment) => {
    const { send, last } = chat();
    send([segment, text('hi')]);
    expect(last()).toEqual([text('hi')]);
  });

  it('drops a mention in a friend’s chat', () => {
    const { call, world } = chat();
    call('send_private_msg', { user_id: LIN, message: [{ type: 'at', data: { qq: LIN } }, text('hi')] });
    expect(world.directory.privateChat(SELF, LIN).history[0]?.segments).toEqual([text('hi')]);
  });

  it('mentions members and everybody, and fails for a number that is not in the group', () => {
    const { send, last } = chat();
    send([
      { type: 'at', data: { qq: Number(LIN) } },
      { type: 'at', data: { qq: 'all' } },
    ]);
    expect(last()).toEqual([
      { type: 'at', data: { qq: LIN } },
      { type: 'at', data: { qq: 'all' } },
    ]);
    expect(refusal(() => send([{ type: 'at', data: { qq: STRANGER } }])).text).toBe('Get Uid Error');
  });

  it('quotes by own id and by sequence, and the sequence wins', () => {
    const { world, send, last, seen } = chat();
    const mine = listen(world, SELF);
    const [one, two] = [world.say(LIN, { group: GROUP }, '一'), world.say(LIN, { group: GROUP }, '二')];
    const theirs = seen.map((frame) => String(frame['message_id']));
    send([{ type: 'reply', data: { id: mine[0]?.['message_id'] } }, text('a')]);
    expect(last()).toEqual([{ type: 'reply', data: { id: theirs[0] } }, text('a')]);
    send([{ type: 'reply', data: { id: mine[0]?.['message_id'], seq: two.seq } }, text('b')]);
    expect(last()).toEqual([{ type: 'reply', data: { id: theirs[1] } }, text('b')]);
    expect(one.seq).not.toBe(two.seq);
  });

  it.each([
    ['nothing', []],
    ['only dropped segments', [{ type: 'xml', data: {} }]],
    ['an empty text', ''],
  ])('fails a message of %s', (_, message) => {
    const { send } = chat();
    expect(refusal(() => send(message)).retcode).toBe(1200);
  });

  it.each([
    ['no segment', ['hi']],
    ['no message', undefined],
  ])('fails %s', (_, message) => {
    expect(refusal(() => chat().send(message)).text).toBe('未知的消息类型：undefined');
  });

  it('fails media without a source', () => {
    expect(refusal(() => chat().send([{ type: 'image', data: {} }])).text).toBe('文件消息缺少参数');
  });

  it('reads a string as CQ code unless auto_escape is set', () => {
    const { call, last } = chat();
    const message = `[CQ:at,qq=${LIN}] hi`;
    call('send_group_msg', { group_id: GROUP, message });
    expect(last()).toEqual([{ type: 'at', data: { qq: LIN } }, text(' hi')]);
    call('send_group_msg', { group_id: GROUP, message, auto_escape: 'true' });
    expect(last()).toEqual([text(message)]);
  });

  it('needs a target', () => {
    const { call } = chat();
    for (const params of [{}, { message_type: 'group' }, { message_type: 'private' }]) {
      expect(refusal(() => call('send_msg', { ...params, message: 'hi' })).text).toContain('group_id');
    }
    expect(refusal(() => call('send_private_msg', { user_id: 5, message: 'hi' })).text).toBe('无法获取用户信息');
  });
});

describe('what QQ refuses', () => {
  type Stage = ReturnType<typeof chat>;
  it.each<[string, (at: Stage) => void, number]>([
    ['in a group that does not exist', ({ world }) => world.directory.groups.delete(GROUP), 110],
    ['after the account was removed', ({ world }) => world.notices.decrease(GROUP, SELF, LIN, 'kick'), 110],
    ['while the account is muted', ({ world }) => world.notices.ban(GROUP, SELF, LIN, 60), 120],
    ['while the whole group is muted', ({ world }) => world.notices.wholeBan(GROUP, LIN, true), 120],
    ['while the account is offline', ({ world }) => world.notices.botOffline(SELF), 1006514],
  ])('a message %s, and the product takes it for a certain refusal', (_, fault, result) => {
    const at = chat();
    fault(at);
    const { retcode, text: message } = refusal(() => at.send([text('hi')]));
    expect([retcode, message.includes(`"result": ${result}`)]).toEqual([1200, true]);
    const reply = { status: 'failed', retcode, data: null, message, echo: '1', stream: false };
    expect(classify('send_group_msg', { kind: 'replied', reply }).outcome).toBe('refused');
  });

  it('lets admins speak in a muted group, and members again when the time is over', () => {
    const { world, clock, send, seen } = chat();
    world.notices.ban(GROUP, SELF, LIN, 60);
    clock.advance(61_000);
    send([text('回来了')]);
    world.notices.admin(GROUP, SELF, true);
    world.notices.wholeBan(GROUP, LIN, true);
    send([text('admin')]);
    expect(seen.filter((frame) => frame['post_type'] === 'message')).toHaveLength(2);
  });
});

describe('forwards', () => {
  const node = (line: string) => ({ type: 'node', data: { user_id: LIN, nickname: 'Lin', content: [text(line)] } });

  it('are sent as one card and can be read by id and by message', () => {
    const { call, last } = chat();
    const sent = call('send_group_forward_msg', { group_id: GROUP, messages: [node('a'), node('b')] });
    expect(sent).toEqual({
      message_id: expect.any(Number),
      res_id: expect.any(String),
      forward_id: expect.any(String),
    });
    const { message_id, res_id } = sent as { message_id: number; res_id: string };
    expect(last()).toEqual([{ type: 'forward', data: { id: res_id } }]);
    for (const params of [{ id: res_id }, { message_id: String(message_id) }]) {
      expect(call('get_forward_msg', params)).toMatchObject({
        messages: [{ user_id: Number(LIN), message: [text('a')] }, { message: [text('b')] }],
      });
    }
  });

  it('cannot be mixed with other segments', () => {
    const { call } = chat();
    const mixed = { group_id: GROUP, messages: [node('a'), text('b')] };
    expect(refusal(() => call('send_group_forward_msg', mixed)).retcode).toBe(1400);
  });

  it('are not found by an unknown id', () => {
    expect(refusal(() => chat().call('get_forward_msg', { id: 'nope' })).retcode).toBe(1200);
  });

  it('pass a single message on, to a person rather than to a group when both are named', () => {
    const { call, send, seen, world } = chat();
    const { message_id } = send([text('hi')]) as { message_id: number };
    expect(call('forward_group_single_msg', { message_id, group_id: GROUP })).toBeNull();
    expect(seen).toHaveLength(2);
    call('forward_friend_single_msg', { message_id, group_id: GROUP, user_id: LIN });
    expect(world.directory.privateChat(SELF, LIN).history).toHaveLength(1);
    expect(refusal(() => call('forward_group_single_msg', { message_id: 7, group_id: GROUP })).text).toBe(
      '无法找到消息',
    );
  });
});

describe('ActionFailure', () => {
  it('is a 1200 without data unless it says otherwise', () => {
    const { retcode, message, data } = new ActionFailure('x');
    expect(failedReply(retcode, message, 'e', data)).toEqual({
      status: 'failed',
      retcode: 1200,
      data: null,
      message: 'x',
      wording: 'x',
      echo: 'e',
      stream: 'normal-action',
    });
  });
});
