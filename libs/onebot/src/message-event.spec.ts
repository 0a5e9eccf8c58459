import { describe, expect, it } from '@jest/globals';
import { MATCHED_TEXT_MAX, type MessageEvent } from '@rookery/protocol';
import { event, example } from './spec-frames';

function message(frame: Record<string, unknown>): MessageEvent {
  const got = event(frame);
  if (got.type !== 'message') throw new Error(`expected a message, got ${got.type}`);
  return got;
}

describe('messages', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['NapCat: real_seq', { real_seq: '20538', message_seq: 5, message_id: 5 }, '20538'],
    ['real_seq as a number', { real_seq: 20538 }, '20538'],
    ['LLBot: message_seq', { real_seq: undefined, message_seq: 777, message_id: -99 }, '777'],
    ['a copy of message_id is no sequence', { real_seq: undefined, message_seq: 5, message_id: 5 }, undefined],
    ['zero is no sequence', { real_seq: '0', message_seq: 9 }, undefined],
    ['zero as message_seq', { real_seq: undefined, message_seq: 0 }, undefined],
  ])('reads the sequence of %s', (_case, over, seq) => {
    expect(message({ ...example('message.group.normal'), ...over }).seq).toBe(seq);
  });

  it('gives two chats with the same message_id two ids (NapCat: 31-bit hashes collide)', () => {
    const base = { ...example('message.group.normal'), real_seq: undefined, message_seq: undefined, message_id: 7 };
    expect(event(base).id).not.toBe(event({ ...base, group_id: 712345679 }).id);
  });

  it('gives a message and its resend one id, with or without references, and other content another', () => {
    const bare = {
      ...example('message.group.normal'),
      real_seq: undefined,
      message_seq: undefined,
      message_id: undefined,
    };
    for (const frame of [example('message.group.normal'), { ...bare, message_id: 'BAC:1/é' }, bare]) {
      expect(event(frame).id).toBe(event({ ...frame }).id);
    }
    expect(event(bare).id).not.toBe(event({ ...bare, user_id: 1500000022 }).id);
    expect(event({ ...bare, message_id: 'BAC:1/é' }).id).toMatch(/^m\.3889000001\.g712345678\.i~[\w-]{16}$/);
  });

  it('gives message_sent and a message by the account itself the same id and own: true', () => {
    const sent = example('message_sent.group.normal');
    const seen = { ...sent, post_type: 'message' };
    expect(message(seen)).toMatchObject({ own: true, id: message(sent).id });
  });

  it('keeps NUL, bidi and zero-width characters of text and names as they are, and never in an id', () => {
    const odd = 'a\u0000\u202e\u200b:b';
    const frame = {
      ...example('message.group.normal'),
      real_seq: undefined,
      message_seq: undefined,
      message_id: odd,
      sender: { user_id: 1500000021, nickname: odd, card: odd },
      message: [{ type: 'text', data: { text: odd } }],
    };
    expect(message(frame)).toMatchObject({ text: odd, sender: { nickname: odd, card: odd } });
    expect(message(frame).id).toMatch(/^[\x21-\x7e]+$/);
  });

  it('knows an own guild message by the tiny id', () => {
    expect(message({ ...example('message.guild.channel'), user_id: '144115218600000001' }).own).toBe(true);
  });

  it('accepts an empty message and one with a sender that says nothing', () => {
    expect(
      message({ ...example('message.group.normal'), message: [], sender: null, sub_type: 5, group_name: 1 }),
    ).toMatchObject({
      segments: [],
      text: '',
      subType: '',
      sender: { userId: '1500000021', nickname: '', card: '' },
    });
  });

  it('keeps title and role only where they are what they claim to be', () => {
    const sender = { nickname: 'L', card: 5, role: 'emperor', title: '气象台长' };
    expect(message({ ...example('message.group.normal'), sender }).sender).toEqual({
      userId: '1500000021',
      nickname: 'L',
      card: '',
      title: '气象台长',
    });
  });

  it('puts an own private message without target into the chat with oneself', () => {
    expect(message({ ...example('message_sent.private.friend'), target_id: undefined }).scene).toEqual({
      kind: 'private',
      userId: '3889000001',
    });
  });

  it('cuts the text for matching between characters and keeps the segments whole', () => {
    const text = `${'a'.repeat(MATCHED_TEXT_MAX - 1)}😀${'b'.repeat(1_000_000)}`;
    const got = message({
      ...example('message.group.normal'),
      message: [
        { type: 'text', data: { text } },
        { type: 'text', data: { text: 'c' } },
      ],
    });
    expect(got.text).toBe('a'.repeat(MATCHED_TEXT_MAX - 1));
    expect(got.segments[0]?.data['text']).toBe(text);
    const even = message({
      ...example('message.group.normal'),
      message: [{ type: 'text', data: { text: 'a'.repeat(MATCHED_TEXT_MAX + 1) } }],
    });
    expect(even.text).toHaveLength(MATCHED_TEXT_MAX);
  });
});
