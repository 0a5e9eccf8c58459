import { describe, expect, it } from '@jest/globals';
import { testFleet } from '@rookery/plugin-kit/testing';
import { RequestsPlugin } from './requests.plugin';

const fleetWith = (requests: Record<string, unknown>) => testFleet({ plugins: [RequestsPlugin], config: { requests } });
type Kind = 'friend' | 'group.add' | 'group.invite';

async function decided(requests: Record<string, unknown>, kind: Kind, comment = '') {
  const fleet = await fleetWith(requests);
  await fleet.request(kind, '7', { comment, ...(kind !== 'friend' && { groupId: '100' }) });
  return fleet.actions.map(({ name, params }) => ({ name, approve: params['approve'], reason: params['reason'] }));
}

describe('RequestsPlugin', () => {
  it.each(['friend', 'group.add', 'group.invite'] as const)(
    'leaves %s alone unless a rule says otherwise',
    async (kind) => {
      expect(await decided({}, kind, 'please')).toEqual([]);
    },
  );

  it.each([
    ['friend', 'friend', 'set_friend_add_request'],
    ['group.add', 'join', 'set_group_add_request'],
    ['group.invite', 'invite', 'set_group_add_request'],
  ] as const)('%s is accepted and rejected by its own rule', async (kind, key, name) => {
    expect(await decided({ [key]: { action: 'accept' } }, kind)).toMatchObject([{ name, approve: true }]);
    expect(await decided({ [key]: { action: 'reject' } }, kind)).toMatchObject([{ name, approve: false }]);
  });

  it('words in the comment decide, those that reject first', async () => {
    const join = { acceptWords: ['Rookery'], rejectWords: ['广告'], reason: '不收广告' };
    expect(await decided({ join }, 'group.add', 'from ROOKERY')).toMatchObject([{ approve: true }]);
    expect(await decided({ join }, 'group.add', 'rookery 广告')).toMatchObject([
      { approve: false, reason: '不收广告' },
    ]);
    expect(await decided({ join }, 'group.add', 'hello')).toEqual([]);
  });

  it('what NapCat refuses is in the log, and the handler does not fail', async () => {
    const fleet = await fleetWith({ friend: { action: 'accept' } });
    fleet.decide(() => ({ outcome: 'refused' }));
    await fleet.request('friend', '7');
    expect(fleet.warnings).toEqual([expect.stringContaining('could not be decided (accept)')]);
  });

  it('a rule with an unknown key does not load', async () => {
    await expect(fleetWith({ friend: { answer: 'yes' } })).rejects.toThrow('answer');
  });
});
