import { describe, expect, it } from '@jest/globals';
import { contentOf, contentOfSegments, targetOf, targetText } from './target';

const target = (name: string, params: Record<string, unknown>) => {
  const found = targetOf(name, params);
  return found === undefined ? undefined : targetText(found);
};

describe('targetOf', () => {
  it.each([
    ['send_group_msg', { group_id: '5' }, 'group:5'],
    ['send_private_msg', { user_id: '7' }, 'private:7'],
    ['send_private_msg', { user_id: '7', group_id: '5' }, 'private:7'],
    ['send_msg', { user_id: '7', group_id: '5' }, 'group:5'],
    ['send_msg', { message_type: 'private', user_id: '7', group_id: '5' }, 'private:7'],
    ['send_msg', { user_id: 7 }, 'private:7'],
    ['send_msg', { group_id: 0, user_id: '7' }, 'private:7'],
    ['forward_friend_single_msg', { user_id: '7', message_id: '1' }, 'private:7'],
    ['send_group_msg', { group_id: 'x' }, undefined],
    ['send_group_msg', {}, undefined],
    ['get_group_info', { group_id: '5' }, undefined],
    ['set_group_ban', { group_id: '5', user_id: '7' }, undefined],
    ['unheard_of', { group_id: '5' }, undefined],
  ])('%s %j goes to %s', (name, params, expected) => {
    expect(target(name, params)).toBe(expected);
  });
});

describe('contentOf', () => {
  const text = (words: string) => ({ type: 'text', data: { text: words } });

  it('is equal for what was sent and for what came out of it', () => {
    const sent = [
      { type: 'reply', data: { seq: '5' } },
      { type: 'at', data: { qq: 7 } },
      text('a  b\r\n'),
      { type: 'image', data: { file: 'base64://xyz' } },
      { type: 'mface', data: { emoji_id: '1' } },
      { type: 'music', data: { type: '163', id: '1' } },
    ];
    const received = [
      { type: 'at', data: { qq: '7' } },
      text('a b '),
      { type: 'image', data: { file: 'AB.png', url: 'https://x' } },
      { type: 'image', data: { file: 'CD.gif' } },
      { type: 'json', data: { data: '{}' } },
    ];
    expect(contentOf({ message: sent })).toBe(contentOfSegments(received));
  });

  it.each([
    ['another text', [text('a')], [text('b')]],
    ['another mention', [{ type: 'at', data: { qq: '7' } }], [{ type: 'at', data: { qq: '8' } }]],
    ['another face', [{ type: 'face', data: { id: '1' } }], [{ type: 'face', data: { id: '2' } }]],
    ['a picture more', [text('a')], [text('a'), { type: 'image', data: {} }]],
  ])('tells %s', (_what, one, other) => {
    expect(contentOfSegments(one)).not.toBe(contentOfSegments(other));
  });

  it('knows a merged message by its kind, and nothing of an action without a message', () => {
    const nodes = [{ type: 'node', data: { content: [] } }];
    expect(contentOf({ messages: nodes })).toBe(contentOfSegments([{ type: 'forward', data: { id: 'x' } }]));
    expect(contentOf({ message_id: '1' })).toBeUndefined();
    expect(contentOf({ message: [{ type: 5 }] })).toBe(contentOfSegments([]));
    expect(contentOf({ message: [text('')] })).toBe(contentOf({ message: [{ type: 'text', data: { text: ' ' } }] }));
  });
});
