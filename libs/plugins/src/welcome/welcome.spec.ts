import { describe, expect, it } from '@jest/globals';
import { at, text } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { WelcomePlugin } from './welcome.plugin';

const fleetWith = (welcome: Record<string, unknown>) =>
  testFleet({ plugins: [WelcomePlugin], accounts: ['10001', '10002'], config: { welcome } });

describe('WelcomePlugin', () => {
  it('greets who joins once, however many accounts saw it, and fills the gaps', async () => {
    const fleet = await fleetWith({ join: '{at} 欢迎 {user} 来到 {group}' });
    const said = await fleet.notice('group_increase', '100', '7');
    expect(said.map(({ segments }) => segments)).toEqual([
      [at('7'), text(' 欢迎 '), text('7'), text(' 来到 '), text('100')],
    ]);
  });

  it('names who left and who removed them', async () => {
    const fleet = await fleetWith({ leave: '{user} by {operator}' });
    const [said] = await fleet.notice('group_decrease', '100', '7', { subType: 'kick', operatorId: '8' });
    expect(said?.text).toBe('7 by 8');
  });

  it('says nothing unless a text is set, and nothing of a notice without a person', async () => {
    const silent = await fleetWith({});
    expect(await silent.notice('group_increase', '100', '7')).toEqual([]);
    expect(await silent.notice('group_decrease', '100', '7')).toEqual([]);
    const fleet = await fleetWith({ join: 'hello' });
    expect(await fleet.notice('group_increase', '100', '7', { userId: undefined })).toEqual([]);
  });

  it('says nothing about the account itself', async () => {
    const fleet = await testFleet({ plugins: [WelcomePlugin], config: { welcome: { join: 'hello' } } });
    expect(await fleet.notice('group_increase', '100', '10001')).toEqual([]);
  });

  it('CQ code in the text stays text', async () => {
    const fleet = await fleetWith({ join: '[CQ:at,qq=all]' });
    expect((await fleet.notice('group_increase', '100', '7'))[0]?.segments).toEqual([text('[CQ:at,qq=all]')]);
  });

  it('a text that is too long stops the plugin with the name of the key', async () => {
    await expect(fleetWith({ join: 'x'.repeat(501) })).rejects.toThrow('join');
  });
});
