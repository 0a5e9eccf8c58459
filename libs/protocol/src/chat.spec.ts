import { describe, expect, it } from '@jest/globals';
import type { ConversationKey } from './ids';
import { poolName, selfId } from './ids';
import { actionKind, conversationAt, chatOf } from './chat';

const inGroup = 'group:default:7' as ConversationKey;

describe('chatOf', () => {
  it.each([
    ['send_group_msg', { group_id: '9' }, 'group:9', 'group'],
    ['send_private_msg', { user_id: '5', group_id: '9' }, 'private:5', 'private'],
    ['send_private_msg', { user_id: 5 }, 'private:5', 'private'],
    ['send_msg', { message_type: 'private', user_id: '5', group_id: '9' }, 'private:5', 'private'],
    ['send_msg', { group_id: '9' }, 'group:9', 'group'],
    ['send_guild_channel_msg', { guild_id: 'a:b', channel_id: 'c' }, 'guild:a%3Ab:c', 'group'],
    ['set_group_kick', { group_id: '9', user_id: '5' }, 'group:9', 'moderation'],
    ['friend_poke', { group_id: '9', user_id: '5' }, 'private:5', 'reaction'],
    ['send_like', { user_id: '5' }, 'private:5', 'reaction'],
    ['upload_group_file', { group_id: '9' }, 'group:9', 'file'],
    ['delete_msg', { message_id: 1 }, 'group:7', 'moderation'],
    ['set_input_status', { user_id: '5' }, 'private:5', 'other'],
    ['send_group_msg', { group_id: '0' }, 'group:7', 'group'],
  ])('of %s %j is %s, a %s action', (name, params, reached, kind) => {
    const chat = chatOf({ name, params, conversation: inGroup });
    expect({ chat, kind: actionKind(name, chat) }).toEqual({ chat: reached, kind });
  });

  it('is the account itself where neither parameters nor conversation name a chat', () => {
    expect(chatOf({ name: 'set_qq_profile', params: {} })).toBe('account');
    expect(chatOf({ name: 'x', params: {}, conversation: 'account:1' as ConversationKey })).toBe('account');
    expect(chatOf({ name: 'x', params: {}, conversation: 'guild:a:b' as ConversationKey })).toBe('guild:a:b');
  });

  it.each(['group:9', 'private:5', 'guild:a%3Ab:c', 'account'])('%s is one conversation of the account', (text) => {
    const [self, pool] = [selfId('10001'), poolName('east')];
    const conversation = conversationAt(chatOf({ name: 'x', params: {} }), self, pool);
    expect(conversation).toBe('account:10001');
    const back = conversationAt(text as ReturnType<typeof chatOf>, self, pool);
    expect(chatOf({ name: 'x', params: {}, conversation: back })).toBe(text);
  });
});
