import { describe, expect, it } from '@jest/globals';
import type { Segment } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { fixture, GROUP, LIN, listen, OTHER, SELF, shapeOf, stage, type EventExample } from '../testing/stage';
import { messageFrame } from './message-frame';
import type { World } from './world';

const text = (line: string): Segment => ({ type: 'text', data: { text: line } });
const face: Segment = { type: 'face', data: { id: '178' } };

/** How each message event that NapCat emits comes about. */
const MAKERS: Record<string, (world: World) => void> = {
  'message.private.friend': (world) => world.say(LIN, { private: SELF }, [face, text('在吗 [1]')]),
  'message.private.group': (world) => world.say(LIN, { private: SELF, viaGroup: GROUP }, '你好'),
  'message.group.normal': (world) => {
    const quoted = world.say(OTHER, { group: GROUP }, '上海 27℃');
    world.say(LIN, { group: GROUP }, [
      { type: 'reply', data: { seq: quoted.seq } },
      { type: 'at', data: { qq: SELF } },
      text(' /天气 上海'),
      { type: 'image', data: { file: 'sunny.png' } },
    ]);
  },
  'message_sent.group.normal': (world) => world.say(SELF, { group: GROUP }, '上海 27℃'),
  'message_sent.private.friend': (world) => world.append(world.directory.privateChat(SELF, LIN), SELF, [text('在的')]),
};

const examples = Object.values(fixture<Record<string, EventExample>>('events.json')).filter(
  ({ id, emitted_by_napcat }) => emitted_by_napcat && id.startsWith('message'),
);

describe('message frames', () => {
  it.each(examples.map((example) => [example.id, example] as const))(
    '%s has NapCat’s fields, types and order',
    (id, { example }) => {
      const { world } = stage(FakeClock);
      const frames = listen(world, SELF);
      MAKERS[id]?.(world);
      expect(shapeOf(frames.at(-1))).toEqual(shapeOf(example));
    },
  );

  it('carries the same text as message and raw_message in string format', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, SELF, 'string');
    world.say(LIN, { group: GROUP }, [{ type: 'at', data: { qq: SELF } }, text(' a,b [c] & d ')]);
    expect(frames[0]).toMatchObject({
      message_format: 'string',
      message: `[CQ:at,qq=${SELF}] a,b &#91;c&#93; &amp; d`,
      raw_message: `[CQ:at,qq=${SELF}] a,b &#91;c&#93; &amp; d`,
    });
  });

  it('gives every account the same real_seq, time and sender but ids and picture keys of its own', () => {
    const { world } = stage(FakeClock);
    const [one, two] = [listen(world, SELF), listen(world, OTHER)];
    world.say(LIN, { group: GROUP }, { type: 'image', data: { file: 'a.png' } });
    const [mine, theirs] = [one[0] ?? {}, two[0] ?? {}];
    for (const shared of ['real_seq', 'time', 'user_id', 'group_id']) expect(mine[shared]).toBe(theirs[shared]);
    expect(mine['message_id']).not.toBe(theirs['message_id']);
    expect(mine['raw_message']).not.toBe(theirs['raw_message']);
    expect(mine['message_seq']).toBe(mine['message_id']);
  });

  it('quotes by the receiving account’s own id', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, OTHER);
    const quoted = world.say(LIN, { group: GROUP }, '一');
    world.say(LIN, { group: GROUP }, [{ type: 'reply', data: { seq: quoted.seq } }, text('二')]);
    expect(frames[1]?.['message']).toEqual([
      { type: 'reply', data: { id: String(frames[0]?.['message_id']) } },
      text('二'),
    ]);
  });

  it('leaves a quote out when the quoted message cannot be found', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, SELF);
    world.say(LIN, { group: GROUP }, [{ type: 'reply', data: { seq: '1' } }, text('二')]);
    expect(frames[0]?.['message']).toEqual([text('二')]);
  });

  it('counts the sequence of a group up by one per message', () => {
    const { world } = stage(FakeClock);
    const seqs = [1, 2, 3].map(() => Number(world.say(LIN, { group: GROUP }, '.').seq));
    expect(seqs.map((seq) => seq - (seqs[0] ?? 0))).toEqual([0, 1, 2]);
  });

  it('says nothing about a member who has left besides the name', () => {
    const { world } = stage(FakeClock);
    const said = world.say(LIN, { group: GROUP }, '再见');
    world.directory.leave(GROUP, LIN);
    const frame = messageFrame(world.directory, world.directory.account(SELF), said, 'array');
    expect(frame['sender']).toEqual({ user_id: Number(LIN), nickname: 'Lin', card: '' });
  });
});
