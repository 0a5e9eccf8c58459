import { describe, expect, it } from '@jest/globals';
import { at, reply } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { AdminPlugin } from './admin.plugin';

const start = () => testFleet({ plugins: [AdminPlugin], locale: 'en', superusers: ['9'] });

describe('AdminPlugin', () => {
  it.each([
    ['/kick 8', 'set_group_kick', { group_id: '100', user_id: '8', reject_add_request: false }],
    ['/kick 8 --block', 'set_group_kick', { user_id: '8', reject_add_request: true }],
    ['/mute 8', 'set_group_ban', { user_id: '8', duration: 600 }],
    ['/mute 8 1h30m', 'set_group_ban', { user_id: '8', duration: 5400 }],
    ['/unmute 8', 'set_group_ban', { user_id: '8', duration: 0 }],
    ['/muteall on', 'set_group_whole_ban', { enable: true }],
    ['/muteall off', 'set_group_whole_ban', { enable: false }],
    ['/title 8 big fish', 'set_group_special_title', { user_id: '8', special_title: 'big fish' }],
    ['/title 8', 'set_group_special_title', { user_id: '8', special_title: '' }],
  ])('%s', async (message, name, params) => {
    const fleet = await start();
    const said = await fleet.user('7').in('100', 'admin').says(message);
    expect(fleet.actions[0]).toMatchObject({ name, params });
    expect(said.map(({ text }) => text)).toEqual(['Done.']);
  });

  it('takes a mention for a number, and takes back the quoted message', async () => {
    const fleet = await start();
    const admin = fleet.user('7').in('100', 'owner');
    await admin.says(['/kick ', at('8')]);
    await admin.says([reply({ id: '55' }), '/recall']);
    expect(fleet.actions.filter(({ name }) => name !== 'send_group_msg')).toMatchObject([
      { name: 'set_group_kick', params: { user_id: '8' } },
      { name: 'delete_msg', params: { message_id: '55' } },
    ]);
    expect((await admin.says('/recall'))[0]?.text).toContain('Quote the message');
  });

  it('members are told no and nothing is done; superusers may everywhere; nobody in private', async () => {
    const fleet = await start();
    const [refused] = await fleet.user('7').in('100').says('/kick 8');
    expect(refused?.text).toContain('Only the owner and admins');
    expect(await fleet.user('9').says('/kick 8')).toEqual([]);
    expect(fleet.actions.map(({ name }) => name)).not.toContain('set_group_kick');
    await fleet.user('9').in('100').says('/kick 8');
    expect(fleet.actions.map(({ name }) => name)).toContain('set_group_kick');
  });

  it.each([
    ['refused', 'That did not work: not an admin'],
    ['unknown', 'Nobody knows whether it worked'],
  ] as const)('says so when the action ends %s', async (outcome, text) => {
    const fleet = await start();
    const error = { code: 'ACTION_INVALID', message: 'not an admin' } as const;
    fleet.decide(({ name }) => (name === 'set_group_kick' ? { outcome, error } : undefined));
    expect((await fleet.user('7').in('100', 'admin').says('/kick 8'))[0]?.text).toContain(text);
  });

  it('a time out of range and a word that is no person reach nobody', async () => {
    const fleet = await start();
    const admin = fleet.user('7').in('100', 'admin');
    expect((await admin.says('/mute 8 31d'))[0]?.text).toContain('1 second to 30 days');
    expect((await admin.says('/kick somebody'))[0]?.text).toContain('/kick');
    expect(fleet.actions.every(({ name }) => name === 'send_group_msg')).toBe(true);
  });

  it('lists members, long lists in part, and says when the list cannot be had', async () => {
    const fleet = await start();
    const member = (n: number) => ({ group_id: 100, user_id: n, nickname: `nick ${n}`, card: n === 1 ? 'Lin' : '' });
    const data = Array.from({ length: 60 }, (_, n) => member(n + 1));
    fleet.decide(({ name }) => (name === 'get_group_member_list' ? { data } : undefined));
    const admin = fleet.user('7').in('100', 'admin');
    const [said] = await admin.says('/members');
    expect(said?.text).toMatch(/^60 members:\nLin \(1\)\nnick 2 \(2\)\n[^]*… and 10 more$/);
    fleet.decide(({ name }) => (name === 'get_group_member_list' ? { outcome: 'refused' } : undefined));
    await fleet.advance('11s');
    expect((await admin.says('/members'))[0]?.text).toContain('did not work');
  });
});
