import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { GROUP, LIN, SELF, stage, STRANGER } from '../testing/stage';
import { Chat } from './conversation';
import { spokenText } from './spoken-text';

describe('the directory', () => {
  it.each(['abc', '-1', '01', '99999999999999999999', '9007199254740993'])('refuses %s as a QQ number', (id) => {
    expect(() => stage(FakeClock).world.directory.addUser(id, 'x')).toThrow(RangeError);
  });

  it('refuses members, accounts and groups that do not exist', () => {
    const { directory } = stage(FakeClock).world;
    expect(() => directory.join(GROUP, '5')).toThrow('no such user: 5');
    expect(() => directory.account(LIN)).toThrow(`no such account: ${LIN}`);
    expect(() => directory.group('5')).toThrow('no such group: 5');
  });

  it('keeps one chat per pair of people and another per temporary session', () => {
    const { directory } = stage(FakeClock).world;
    expect(directory.privateChat(SELF, LIN)).toBe(directory.privateChat(LIN, SELF));
    expect(directory.privateChat(SELF, LIN, GROUP)).not.toBe(directory.privateChat(SELF, LIN));
  });

  it('ends a friendship on both sides', () => {
    const { directory } = stage(FakeClock).world;
    directory.unfriend(LIN, SELF);
    expect(directory.account(SELF).friends.size).toBe(0);
  });
});

describe('a chat', () => {
  it('keeps the newest 1,000 messages and finds them by sequence', () => {
    const chat = new Chat('group:1', { kind: 'group', groupId: '1' }, 0);
    for (let n = 0; n < 1200; n++) chat.append(LIN, n, []);
    expect(chat.history).toHaveLength(1000);
    expect(chat.bySeq('200')).toBeUndefined();
    expect(chat.bySeq('201')?.time).toBe(200);
    expect(chat.bySeq('1200')?.time).toBe(1199);
    expect(chat.bySeq('1201')).toBeUndefined();
  });
});

describe('spoken text', () => {
  it('reads as in the chat window, on one line', () => {
    const { world } = stage(FakeClock);
    const said = world.say(LIN, { group: GROUP }, [
      { type: 'reply', data: { seq: '1' } },
      { type: 'at', data: { qq: STRANGER } },
      { type: 'at', data: { qq: 'all' } },
      ' 两\n行',
      { type: 'image', data: { file: 'a' } },
      { type: 'hologram', data: {} },
    ]);
    expect(spokenText(world.directory, said)).toBe('@路人@全体成员 两 行[图片][hologram]');
  });
});
