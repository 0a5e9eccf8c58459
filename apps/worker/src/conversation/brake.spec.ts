import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { selfId } from '@rookery/protocol';
import { Brake } from './brake';
import { said } from './spec-stage';

function setUp(turns = 3) {
  const clock = new FakeClock();
  const sut = new Brake(clock, { turns, windowMs: 60_000, ignoreMs: 60_000 });
  /** A message that is answered at once. */
  const says = (from = '99', { afterMs = 500, wanted = true, lateMs = 0, group = '7' } = {}) => {
    clock.advance(afterMs);
    const event = { ...said({ from, group, clock }), receivedAt: clock.now() - lateMs };
    const heard = sut.heard(event, wanted);
    if (heard === 'free' && wanted) sut.answered(event, [event], 0);
    return heard;
  };
  return { clock, sut, says };
}

describe('Brake', () => {
  it('ignores a sender after too many quick turns, in this conversation, for a while', () => {
    const { says, clock } = setUp();
    expect([says(), says(), says(), says(), says()]).toEqual(['free', 'free', 'free', 'braked', 'ignored']);
    expect(says('99', { group: '8' })).toBe('free');
    clock.advance(60_000);
    expect(says()).toBe('free');
  });

  it.each<[string, Parameters<ReturnType<typeof setUp>['says']>]>([
    ['a human of the same name takes time to read', ['99', { afterMs: 2_001 }]],
    ['somebody else speaks', ['42', { afterMs: 1_600 }]],
    ['somebody else speaks whom no handler hears', ['42', { wanted: false }]],
    ['it comes out of a backlog', ['99', { lateMs: 2_001 }]],
  ])('starts the count anew when %s', (_name, human) => {
    const { says } = setUp();
    for (let round = 0; round < 5; round++) expect([says(), says(), says(...human)]).toEqual(['free', 'free', 'free']);
  });

  it('goes on to ignore while others talk', () => {
    const { says } = setUp();
    for (let n = 0; n < 4; n++) says();
    expect([says('42'), says()]).toEqual(['free', 'ignored']);
  });

  it('lets everything pass when it is off', () => {
    const { says } = setUp(0);
    expect(Array.from({ length: 20 }, () => says())).not.toContain('braked');
  });

  it.each<[string, number, readonly string[], string]>([
    ['does not take for turns what was said before it can have read the answers', 19, ['10001'], 'free'],
    ['counts what was said as soon as it can have read them', 20, ['10001'], 'braked'],
    ['says the same when each time another account is the first to receive it', 19, ['10001', '10003'], 'free'],
    [
      'counts what an account received that had no copy of the one before: its clock may be another one',
      19,
      ['10001', '10002'],
      'braked',
    ],
  ])('%s', (_name, apartMs, selves, last) => {
    const HANDLER_MS = 20;
    const { sut, clock } = setUp();
    const first = clock.now();
    const heard = Array.from({ length: 4 }, (_, n) => {
      const self = selfId(selves[n % selves.length] ?? '');
      const event = { ...said({ from: '99', clock }), self, receivedAt: first + n * apartMs };
      const result = sut.heard(event, true);
      clock.advance(HANDLER_MS);
      sut.answered(event, [event, { ...event, self: selfId('10003') }], HANDLER_MS);
      return result;
    });
    expect(heard).toEqual(['free', 'free', 'free', last]);
  });

  it('does not count what no handler wants', () => {
    const { says } = setUp();
    expect([says(), says(), says('99', { wanted: false }), says('99', { wanted: false })]).not.toContain('braked');
  });

  it('forgets turns that are older than the window', () => {
    const { clock, says, sut } = setUp();
    says();
    for (let n = 0; n < 10; n++) {
      expect(says()).toBe('free');
      clock.advance(58_000);
      sut.answered(said({ from: '99', clock }), [], 0);
    }
  });

  it('remembers a bounded number of senders of one conversation', () => {
    const { sut, clock } = setUp();
    for (let n = 0; n < 51; n++) sut.answered(said({ from: String(100 + n), clock }), [], 0);
    for (let n = 0; n < 5; n++) expect(sut.heard(said({ from: '100', clock }), true)).toBe('free');
  });
});
