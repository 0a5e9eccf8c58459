import { describe, expect, it } from '@jest/globals';
import { actionId, selfId, type Action, type ActionResult } from '@rookery/protocol';
import type { ExpiredSend } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { Expiry } from './expiry';

const self = selfId('10001');

function setUp(waiting: readonly ExpiredSend[], begunMeanwhile: readonly string[] = []) {
  const told: (readonly [string, ActionResult])[] = [];
  const asked: unknown[] = [];
  const sut = new Expiry({
    self,
    clock: new FakeClock(5_000),
    expired: {
      find: async (...question) => {
        asked.push(question);
        return waiting;
      },
      end: async (_self, ends) => new Set(ends.map(({ job }) => job).filter((job) => !begunMeanwhile.includes(job))),
    },
    onEnded: ({ name }, result) => told.push([name, result]),
  });
  return { sut, told, asked };
}

function job(id: string, tries = 0): ExpiredSend {
  const action: Action = {
    v: 1,
    id: actionId(id),
    self,
    name: 'send_group_msg',
    params: { group_id: '1' },
    lane: 'normal',
    createdAt: 0,
    expiresAt: 1_000,
    origin: { plugin: 'test' },
  };
  return { job: `a-${id}`, data: JSON.stringify(action), tries };
}

describe('Expiry', () => {
  it('tells whoever asked that nothing was sent, and in how many tries', async () => {
    const { sut, told, asked } = setUp([job('a'), job('b', 2)]);
    expect(await sut.sweep(['a-hand'])).toBe(true);
    expect(asked).toEqual([[self, 64, ['a-hand']]]);
    const error = { code: 'ACTION_EXPIRED', message: 'send_group_msg waited past its expiry; nothing was sent' };
    expect(told).toEqual([
      ['send_group_msg', { id: 'a', self, outcome: 'not_sent', error, endedAt: 5_000 }],
      [
        'send_group_msg',
        {
          id: 'b',
          self,
          outcome: 'not_sent',
          error: { ...error, message: `${error.message}, in 2 tries` },
          tries: 2,
          endedAt: 5_000,
        },
      ],
    ]);
  });

  it('tells nothing of what somebody has begun meanwhile, and leaves what is not of our making', async () => {
    const { sut, told } = setUp([job('a'), job('b'), { job: 'odd', data: 'no json', tries: 0 }], ['a-a']);
    expect(await sut.sweep([])).toBe(true);
    expect(told.map(([, { id }]) => id)).toEqual(['b']);
  });

  it.each<[string, readonly ExpiredSend[], readonly string[]]>([
    ['nothing has expired', [], []],
    ['all of it was begun meanwhile', [job('a')], ['a-a']],
    ['nothing is of our making', [{ job: 'odd', data: '{}', tries: 0 }], []],
  ])('says that a look of its own is needed when %s', async (_when, waiting, begun) => {
    expect(await setUp(waiting, begun).sut.sweep([])).toBe(false);
  });
});
