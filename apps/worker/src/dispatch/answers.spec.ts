import { describe, expect, it } from '@jest/globals';
import type { Outbox } from '@rookery/plugin-kit';
import {
  DEFAULT_POOL,
  eventId,
  groupConversation,
  groupId,
  messageId,
  messageSeq,
  selfId,
  userId,
  type Action,
  type MessageEvent,
} from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Answers } from './answers';
import type { Answer } from './route';

const route = { plugin: 'dice', handler: 'roll' };
const answer = (kind: Answer['kind']): Answer => ({ kind, text: { zh: '中文', en: 'English' } });

function event(n: number, user = '7', group = '100'): MessageEvent {
  return {
    id: eventId(`m.1.g${group}.s${n}`),
    type: 'message',
    self: selfId('1'),
    pool: DEFAULT_POOL,
    conversation: groupConversation(DEFAULT_POOL, groupId(group)),
    time: 0,
    receivedAt: 0,
    scene: { kind: 'group', groupId: groupId(group) },
    subType: 'normal',
    messageId: messageId(String(n)),
    seq: messageSeq(String(n)),
    sender: { userId: userId(user), nickname: 'n', card: '' },
    segments: [],
    text: '',
    own: false,
  };
}

function setUp(locale: 'zh' | 'en' = 'en', post?: Outbox['post']) {
  const clock = new FakeClock();
  const posted: Action[] = [];
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log };
  const outbox: Outbox = {
    post: post ?? ((action) => Promise.resolve(void posted.push(action))),
    ask: () => {
      throw new Error('an answer waits for nothing');
    },
  };
  const sut = new Answers({ outbox, clock, log, locale });
  return { sut, clock, posted };
}

describe('Answers', () => {
  it.each(['zh', 'en'] as const)('quotes the message and speaks the language of the bot: %s', async (locale) => {
    const { sut, posted } = setUp(locale);
    expect(await sut.give(event(1), route, answer('usage'))).toBeUndefined();
    expect(posted).toMatchObject([
      {
        name: 'send_group_msg',
        lane: 'interactive',
        params: {
          group_id: '100',
          message: [
            { type: 'reply', data: { seq: '1' } },
            { type: 'text', data: { text: locale === 'zh' ? '中文' : 'English' } },
          ],
        },
      },
    ]);
  });

  it('the same event is answered under the same id when a worker repeats it', async () => {
    const { sut, posted } = setUp();
    await sut.give(event(1), route, answer('usage'));
    await sut.give(event(1), route, answer('usage'));
    expect(new Set(posted.map(({ id }) => id)).size).toBe(1);
  });

  it.each([
    ['usage', 3],
    ['refused', 1],
    ['suggestion', 1],
  ] as const)('%s is told %i times to who types three times in a minute', async (kind, times) => {
    const { sut, posted } = setUp();
    for (let n = 0; n < 3; n++) await sut.give(event(n), route, answer(kind));
    expect(posted).toHaveLength(times);
  });

  it('a refusal is told again after a minute, to others, elsewhere, and beside a suggestion', async () => {
    const { sut, clock, posted } = setUp();
    await sut.give(event(1), route, answer('refused'));
    await sut.give(event(2, '8'), route, answer('refused'));
    await sut.give(event(3, '7', '200'), route, answer('refused'));
    await sut.give(event(4), route, answer('suggestion'));
    expect(posted).toHaveLength(4);
    await clock.advanceAsync(60_000);
    await sut.give(event(5), route, answer('refused'));
    expect(posted).toHaveLength(5);
  });

  it('remembers whom it told within bounds: a flood of people makes it tell the first ones again', async () => {
    const { sut, posted } = setUp();
    for (let user = 0; user <= 10_001; user++) await sut.give(event(user, String(user + 10)), route, answer('refused'));
    const before = posted.length;
    await sut.give(event(20_000, '10'), route, answer('refused'));
    expect(posted).toHaveLength(before + 1);
  });

  it('an answer that cannot be stored is a failure with the reason, and no timer is left', async () => {
    const { sut, clock } = setUp('en', () => Promise.reject(new Error('Redis is away')));
    const error = await sut.give(event(1), route, answer('usage'));
    expect(error).toMatchObject({ code: 'HANDLER_FAILED' });
    expect(error?.message).toContain('Redis is away');
    expect(clock.pending).toBe(0);
  });

  it('an answer whose storing never ends is given up after 30 s', async () => {
    const waits: Outbox['post'] = (_, time) =>
      new Promise((_resolve, reject) =>
        (time as AbortSignal).addEventListener('abort', () => reject(new Error('given up'))),
      );
    const { sut, clock } = setUp('en', waits);
    const given = sut.give(event(1), route, answer('usage'));
    await clock.advanceAsync(30_000);
    expect((await given)?.message).toContain('given up');
  });
});
