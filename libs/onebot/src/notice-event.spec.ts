import { describe, expect, it } from '@jest/globals';
import type { NoticeEvent } from '@rookery/protocol';
import { event, example } from './spec-frames';

function notice<K extends NoticeEvent['kind']>(
  frame: Record<string, unknown>,
  kind: K,
): Extract<NoticeEvent, { kind: K }> {
  const got = event(frame);
  if (got.type !== 'notice' || got.kind !== kind) throw new Error(`expected ${kind}, got ${got.type}`);
  return got as Extract<NoticeEvent, { kind: K }>;
}

describe('notices and heartbeats', () => {
  it('reads a whole-group ban, an unknown operator and a vanished member as absent persons', () => {
    const ban = notice({ ...example('notice.group_ban'), user_id: 0, operator_id: 0, duration: -1 }, 'group_ban');
    expect(ban).not.toHaveProperty('userId');
    expect(ban).not.toHaveProperty('operatorId');
    expect(ban.fields.duration).toBe(-1);
  });

  it('names the poker, not the other party, in a private poke, and keeps it in their chat', () => {
    const own = { ...example('notice.notify.poke.private'), sender_id: 3889000001, target_id: 1500000021 };
    expect(notice(own, 'notify.poke')).toMatchObject({
      userId: '3889000001',
      targetId: '1500000021',
      conversation: 'private:3889000001:1500000021',
    });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a duration that is text', { ...example('notice.group_ban'), duration: '600' }, {}],
    ['a file that is text', { ...example('notice.group_upload'), file: 'x' }, {}],
    [
      'a file size that is no number',
      { ...example('notice.group_upload'), file: { name: 'a', size: -1 } },
      { file: { name: 'a' } },
    ],
    ['a sender of 0', { ...example('notice.essence'), sender_id: 0 }, {}],
    ['likes that are no list', { ...example('notice.group_msg_emoji_like'), likes: 1, is_add: 1 }, {}],
    [
      'odd likes',
      { ...example('notice.group_msg_emoji_like'), likes: [1, {}, { emoji_id: 76 }] },
      {
        is_add: true,
        likes: [
          { emojiId: '', count: 1 },
          { emojiId: '76', count: 1 },
        ],
      },
    ],
    ['raw_info that is no list', { ...example('notice.notify.poke.group'), raw_info: 'x' }, {}],
    ['a field nobody declared', { ...example('notice.group_admin'), extra: [1] }, { extra: [1] }],
    ['__proto__ and constructor', { ...example('notice.group_admin'), toString: 5 }, { toString: 5 }],
  ])('leaves declared fields of a wrong type out: %s', (_case, frame, fields) => {
    const got = event(frame);
    expect(got.type === 'notice' && got.fields).toEqual(fields);
  });

  it('keeps a file size beyond 2^53', () => {
    const text = JSON.stringify(example('notice.group_upload')).replace('18233', '9007199254740993');
    expect(event(text)).toMatchObject({ fields: { file: { size: '9007199254740993' } } });
  });

  it('takes a heartbeat without status for a sign of life, and one without interval', () => {
    expect(event({ ...example('meta_event.heartbeat'), status: undefined, interval: 'x' })).toMatchObject({
      online: true,
      intervalMs: 0,
    });
    expect(event({ ...example('meta_event.heartbeat'), status: { online: false } })).toMatchObject({ online: false });
    expect(event({ ...example('meta_event.heartbeat'), status: { online: null } })).toMatchObject({ online: true });
  });
});
