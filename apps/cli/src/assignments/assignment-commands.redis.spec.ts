import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_POOL,
  groupConversation,
  groupId,
  poolName,
  RookeryError,
  selfId,
  type SelfId,
} from '@rookery/protocol';
import { GroupAssignments, type Redis } from '@rookery/redis';
import { AssignmentControl } from '@rookery/service';
import { withTestRedis } from '@rookery/testing';
import { AssignmentCommands } from './assignment-commands';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

const account = selfId('10001');
const place = { group: groupId('70'), pool: DEFAULT_POOL };
const key = groupConversation(DEFAULT_POOL, place.group);

function setUp() {
  const lines: string[] = [];
  const assignments = new GroupAssignments(redis);
  const pools = new Map([
    [account, DEFAULT_POOL],
    [selfId('10002'), poolName('other')],
  ]);
  const find = async (self: SelfId) => {
    const pool = pools.get(self);
    if (pool === undefined) throw new RookeryError('ACCOUNT_UNKNOWN', `the cluster has no account ${self}`);
    return { pool };
  };
  const control = new AssignmentControl({ assignments, registry: { find } });
  return {
    lines,
    assignments,
    sut: new AssignmentCommands({ control, print: (text) => void lines.push(text) }),
  };
}

describe('rookery assignments', () => {
  it('sets, lists and clears what workers read', async () => {
    const { sut, assignments, lines } = setUp();
    expect(await sut.set(place, account)).toBe(0);
    expect([...(await assignments.all())]).toEqual([[key, account]]);
    lines.length = 0;
    await sut.list({});
    await sut.list({ json: true });
    expect(lines).toEqual([`${key}  ${account}\n`, `[{"conversation":"${key}","account":"${account}"}]\n`]);
    expect(await sut.clear(place)).toBe(0);
    expect((await assignments.all()).size).toBe(0);
  });

  it.each([
    ['an unknown account', '10009', 'no account 10009'],
    ['an account of another pool', '10002', 'is in pool other, not in default'],
  ])('refuses %s and changes nothing', async (_what, number, reason) => {
    const { sut, assignments } = setUp();
    await expect(sut.set(place, selfId(number))).rejects.toThrow(reason);
    expect((await assignments.all()).size).toBe(0);
  });

  it('says when there is nothing to clear or to list', async () => {
    const { sut, lines } = setUp();
    await expect(sut.clear(place)).rejects.toThrow('nobody is assigned');
    await sut.list({});
    expect(lines).toEqual([expect.stringContaining('no group has an account')]);
  });
});
