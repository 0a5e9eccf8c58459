import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { caller, GROUP, LIN, listen, OTHER, refusal, SELF, stage, WEN } from '../testing/stage';

/** Ids by which the account knows the messages of the group's last ones, oldest first. */
function scene(lines: number) {
  const { world } = stage(FakeClock);
  const frames = listen(world, SELF);
  const call = caller(world);
  for (let n = 1; n <= lines; n++) world.say(LIN, { group: GROUP }, String(n));
  const ids = frames.map((frame) => Number(frame['message_id']));
  const texts = (data: unknown) =>
    (data as { messages: { raw_message: string }[] }).messages.map((message) => message.raw_message);
  return { world, frames, call, ids, texts };
}

describe('get_msg', () => {
  it('returns the message in the form of the event', () => {
    const { call, ids, frames } = scene(1);
    expect(call('get_msg', { message_id: ids[0] })).toEqual({ ...frames[0], emoji_likes_list: [] });
  });

  it('fails for an unknown id and, as a timeout, for a recalled message', () => {
    const { world, call, ids } = scene(1);
    expect(refusal(() => call('get_msg', { message_id: 7 })).text).toBe('消息不存在');
    const said = world.directory.group(GROUP).chat.history[0];
    if (said !== undefined) world.recall(said, LIN);
    expect(refusal(() => call('get_msg', { message_id: ids[0] })).text).toContain('Timeout');
  });

  it('fails after a restart until history has been read', () => {
    const { world, call, ids } = scene(1);
    world.directory.account(SELF).ids.forget();
    expect(refusal(() => call('get_msg', { message_id: ids[0] })).text).toBe('消息不存在');
    call('get_group_msg_history', { group_id: GROUP });
    expect(call('get_msg', { message_id: ids[0] })).toMatchObject({ raw_message: '1' });
  });
});

describe('delete_msg', () => {
  it('recalls an own message for everybody', () => {
    const { world, call } = scene(0);
    const seen = listen(world, OTHER);
    const { message_id } = call('send_group_msg', { group_id: GROUP, message: 'x' }) as { message_id: number };
    expect(call('delete_msg', { message_id: String(message_id) })).toBeNull();
    expect(seen.at(-1)).toMatchObject({
      notice_type: 'group_recall',
      user_id: Number(SELF),
      operator_id: Number(SELF),
    });
  });

  it('recalls an own private message', () => {
    const { world, call, frames } = scene(0);
    const { message_id } = call('send_private_msg', { user_id: LIN, message: 'x' }) as { message_id: number };
    call('delete_msg', { message_id });
    expect(frames.at(-1)).toMatchObject({ notice_type: 'friend_recall', user_id: Number(SELF) });
    expect(world.directory.privateChat(SELF, LIN).history[0]?.recalled).toBe(true);
  });

  it('recalls another member’s message only as an admin; otherwise it times out', () => {
    const { world, call, ids, frames } = scene(1);
    expect(refusal(() => call('delete_msg', { message_id: ids[0] })).text).toContain('Timeout');
    world.notices.admin(GROUP, SELF, true);
    call('delete_msg', { message_id: ids[0] });
    expect(frames.at(-1)).toMatchObject({ notice_type: 'group_recall', message_id: ids[0] });
  });

  it('fails for an unknown id', () => {
    expect(refusal(() => scene(0).call('delete_msg', { message_id: 7 })).text).toBe('Recall failed');
  });
});

describe('histories', () => {
  it('give the newest 20 of a group, oldest first', () => {
    const { call, texts } = scene(25);
    expect(texts(call('get_group_msg_history', { group_id: GROUP }))).toEqual(
      Array.from({ length: 20 }, (_, n) => String(n + 6)),
    );
  });

  it('end at the message that message_seq names, which is a message_id', () => {
    const { call, ids, texts } = scene(9);
    expect(texts(call('get_group_msg_history', { group_id: GROUP, message_seq: ids[4], count: 3 }))).toEqual([
      '3',
      '4',
      '5',
    ]);
  });

  it.each(['reverse_order', 'reverseOrder'])('go on from it with %s', (flag) => {
    const { call, ids, texts } = scene(9);
    const params = { group_id: GROUP, message_seq: ids[4], count: 3, [flag]: true };
    expect(texts(call('get_group_msg_history', params))).toEqual(['5', '6', '7']);
  });

  it('fail for an unknown message and for an unknown group', () => {
    const { call } = scene(1);
    expect(refusal(() => call('get_group_msg_history', { group_id: GROUP, message_seq: '7' })).text).toBe(
      '消息7不存在',
    );
    expect(refusal(() => call('get_group_msg_history', { group_id: '5' })).retcode).toBe(1200);
  });

  it('leave recalled messages out', () => {
    const { world, call, texts } = scene(3);
    const said = world.directory.group(GROUP).chat.history[1];
    if (said !== undefined) world.recall(said, LIN);
    expect(texts(call('get_group_msg_history', { group_id: GROUP }))).toEqual(['1', '3']);
  });

  it('exist for friends too', () => {
    const { world, call, texts } = scene(0);
    world.say(LIN, { private: SELF }, '在吗');
    expect(texts(call('get_friend_msg_history', { user_id: LIN }))).toEqual(['在吗']);
  });
});

describe('pokes and reactions', () => {
  it.each(['send_poke', 'group_poke', 'friend_poke'])('%s pokes in the group when one is named', (action) => {
    const { call, frames } = scene(0);
    expect(call(action, { group_id: GROUP, user_id: WEN })).toBeUndefined();
    expect(frames.at(-1)).toMatchObject({
      sub_type: 'poke',
      user_id: Number(SELF),
      target_id: Number(WEN),
      group_id: Number(GROUP),
    });
  });

  it('pokes a friend otherwise', () => {
    const { call, frames } = scene(0);
    call('send_poke', { user_id: LIN });
    expect(frames.at(-1)).toMatchObject({ user_id: Number(LIN), sender_id: Number(SELF), target_id: Number(LIN) });
  });

  it('likes a message and takes it back', () => {
    const { call, ids, frames } = scene(1);
    call('set_msg_emoji_like', { message_id: ids[0], emoji_id: 76 });
    call('set_msg_emoji_like', { message_id: ids[0], emoji_id: '76', set: false });
    expect(frames.slice(1)).toMatchObject([
      { notice_type: 'group_msg_emoji_like', likes: [{ emoji_id: '76', count: 1 }], is_add: true },
      { is_add: false },
    ]);
  });

  it('marks a message as essence', () => {
    const { call, ids, frames } = scene(1);
    expect(call('set_essence_msg', { message_id: ids[0] })).toEqual({ result: 0, errMsg: '' });
    expect(frames.at(-1)).toMatchObject({ notice_type: 'essence', message_id: ids[0] });
  });

  it.each(['set_msg_emoji_like', 'set_essence_msg'])('%s fails for an unknown message', (action) => {
    expect(refusal(() => scene(0).call(action, { message_id: 7, emoji_id: 1 })).text).toBe('msg not found');
  });
});
