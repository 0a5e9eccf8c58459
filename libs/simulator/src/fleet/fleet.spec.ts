import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { naturalCost } from '../endpoint/natural-cost';
import { pick, seededRandom } from '../random';
import { Client } from '../testing/client';
import { Fleet, type FleetOptions } from './fleet';

describe('Fleet', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });

  const start = async (options: Partial<FleetOptions> = {}) => {
    const fleet = await Fleet.start({ accounts: 3, groups: 2, clock: new FakeClock(), ...options });
    open.push(fleet);
    return fleet;
  };

  it('has accounts, groups and people with names, and at least one role per group', async () => {
    const { world, accounts } = await start({ accounts: 7, groups: 12 });
    expect(accounts.map(({ selfId }) => selfId)).toEqual(Array.from({ length: 7 }, (_, n) => String(3889000001 + n)));
    const { directory } = world;
    expect(directory.groups.size).toBe(12);
    expect(new Set([...directory.groups.values()].map((group) => group.name)).size).toBe(12);
    expect(new Set(accounts.map(({ selfId }) => directory.nickname(selfId))).size).toBe(7);
    for (const group of directory.groups.values()) {
      const ours = [...directory.accountsIn(group)];
      expect([ours.length, group.members.size]).toEqual([5, 17]);
      expect([...group.members.values()].filter((member) => member.role !== 'member')).toHaveLength(2);
      expect([...group.members.keys()].every((userId) => directory.nickname(userId) !== '')).toBe(true);
    }
    expect(accounts.every(({ selfId }) => directory.account(selfId).friends.size === 1)).toBe(true);
  });

  it('gives each account a token of its own, and lets a client with it in', async () => {
    const { accounts } = await start();
    expect(new Set(accounts.map(({ token }) => token)).size).toBe(3);
    for (const account of accounts) {
      if (account.mode !== 'forward') throw new Error('no reverse address was given');
      const client = await Client.dial(account.url, { headers: { Authorization: `Bearer ${account.token}` } });
      open.push({ close: () => client.socket.terminate() });
      expect(await client.event('meta_event')).toMatchObject({ self_id: Number(account.selfId) });
    }
  });

  it('lets every third account dial when there is an address to dial', async () => {
    const { accounts } = await start({ accounts: 6, reverseUrl: 'ws://127.0.0.1:1', token: 'shared' });
    expect(accounts.map(({ mode, token }) => `${mode} ${token}`)).toEqual(
      ['forward', 'forward', 'reverse', 'forward', 'forward', 'reverse'].map((mode) => `${mode} shared`),
    );
  });

  it('is the same world for the same seed', async () => {
    const [one, two] = [await start({ seed: 5 }), await start({ seed: 5 })];
    const told = [one, two].map(({ world }) => {
      const group = [...world.directory.groups.keys()][0] ?? '';
      const said = world.say('1500000021', { group }, 'hi');
      return [said.seq, world.directory.account('3889000001').ids.register(said)];
    });
    expect(told[0]).toEqual(told[1]);
  });

  it('leaves no timer behind when it is closed', async () => {
    const clock = new FakeClock();
    const fleet = await start({ clock, heartbeatMs: 1000 });
    fleet.chatter.resume();
    expect(clock.pending).toBe(2);
    await fleet.close();
    expect(clock.pending).toBe(0);
  });
});

describe('naturalCost', () => {
  it('differs between sends, lists and plain reads', () => {
    const sut = naturalCost(seededRandom(1));
    const between = (action: string, least: number, most: number) => {
      const cost = sut(action);
      return cost >= least && cost <= most;
    };
    expect(between('send_group_msg', 5, 25) && between('get_group_msg_history', 2, 10)).toBe(true);
    expect(sut('get_login_info')).toBe(0);
  });
});

describe('pick', () => {
  it('refuses an empty list', () => {
    expect(() => pick(seededRandom(1), [])).toThrow(RangeError);
  });
});
