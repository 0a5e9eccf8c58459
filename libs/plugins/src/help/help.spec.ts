import { describe, expect, it } from '@jest/globals';
import { testFleet } from '@rookery/plugin-kit/testing';
import { AdminPlugin } from '../admin/admin.plugin';
import { StatusPlugin } from '../status/status.plugin';
import { HelpPlugin } from './help.plugin';

describe('HelpPlugin', () => {
  it('hides what the asker may not use, here or at all, and what is switched off', async () => {
    const fleet = await testFleet({
      plugins: [HelpPlugin, AdminPlugin, StatusPlugin],
      locale: 'en',
      superusers: ['9'],
    });
    const help = async (user: ReturnType<typeof fleet.user>, of = '') => (await user.says(`/help${of}`))[0]?.text ?? '';
    const commands = (text: string) => [...text.matchAll(/^\/(\w+)/gm)].map(([, name]) => name);
    expect(commands(await help(fleet.user('8').in('100')))).toEqual(['help']);
    expect(await help(fleet.user('8').in('100'), ' kick')).toContain('There is no such command');
    const admin = fleet.user('7').in('100', 'admin');
    expect(commands(await help(admin))).toEqual(expect.arrayContaining(['help', 'kick', 'plugin']));
    expect(commands(await help(admin))).not.toContain('status');
    const inPrivate = commands(await help(fleet.user('9')));
    expect(inPrivate).toEqual(expect.arrayContaining(['help', 'plugin', 'status']));
    expect(inPrivate).not.toContain('kick');
    await admin.says('/plugin off admin kick');
    expect(commands(await help(admin))).not.toContain('kick');
  });
});
