import { describe, expect, it } from '@jest/globals';
import { BotPlugin, Command, forGroupAdmins, type MessageContext } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { z } from 'zod';
import { AdminPlugin } from './admin.plugin';

const summary = { zh: '招呼', en: 'Greets' };
const GreeterConfig = z.object({
  text: forGroupAdmins(z.string().max(10).default('hello')),
  times: forGroupAdmins(z.int().min(1).max(3).default(1)),
  secretServer: z.string().default('https://example.com'),
});

@BotPlugin({ id: 'greeter', title: { zh: '招呼', en: 'Greeter' }, config: GreeterConfig })
class Greeter {
  @Command('greet', { summary })
  greet(c: MessageContext): string {
    const { text, times } = c.config(GreeterConfig);
    return Array.from({ length: times }, () => text).join(' ');
  }

  @Command('wave now', { summary, alias: '挥手' })
  wave(): string {
    return 'waves';
  }
}

const start = () => testFleet({ plugins: [AdminPlugin, Greeter], locale: 'en', superusers: ['9'] });
type User = ReturnType<Awaited<ReturnType<typeof start>>['user']>;
const says = async (user: User, message: string) => (await user.says(message)).map(({ text }) => text).join('|');

describe('switches from chat', () => {
  it('an admin switches a plugin and one command of it off and on, in their group alone and at once', async () => {
    const fleet = await start();
    const admin = fleet.user('7').in('100', 'admin');
    expect(await says(admin, '/plugin off greeter')).toBe('greeter is off for this group.');
    expect(await says(admin, '/greet')).toBe('');
    expect(await says(fleet.user('7').in('200'), '/greet')).toBe('hello');
    expect(await says(admin, '/plugin off greeter')).toBe('greeter was so already for this group.');
    expect(await says(admin, '/plugin on greeter')).toBe('greeter is on for this group.');
    expect(await says(admin, '/plugin off greeter wave now')).toBe('greeter wave now is off for this group.');
    expect([await says(admin, '/greet'), await says(admin, '/wave now')]).toEqual(['hello', '']);
    expect(await says(admin, '/plugin list')).toMatch(/✓ admin Group administration\n✓ greeter Greeter \(✗ wave now\)/);
    expect(await says(admin, '/plugin reset greeter 挥手')).toContain('wider scope says of greeter 挥手 counts again');
    expect(await says(admin, '/wave now')).toBe('waves');
  });

  it('members are told no, and nobody but superusers sets anything in private or elsewhere', async () => {
    const fleet = await start();
    expect(await says(fleet.user('8').in('100'), '/plugin off greeter')).toContain('Only the owner and admins');
    expect(await says(fleet.user('8'), '/plugin off greeter')).toContain('Only the operators');
    const admin = fleet.user('7').in('100', 'owner');
    for (const scope of ['global', 'pool:default', 'group:200']) {
      expect(await says(admin, `/plugin off greeter --scope ${scope}`)).toContain('that group only');
    }
    expect(await says(admin, '/greet')).toBe('hello');
    expect(await says(fleet.user('9'), '/plugin off greeter')).toBe('greeter is off for everywhere.');
    expect(await says(fleet.user('9'), '/plugin list')).toContain('✗ greeter');
  });

  it('what is off for more than the group stays off for its admins, and the reason is told', async () => {
    const fleet = await start();
    const operator = fleet.user('9').in('100');
    await operator.says('/plugin off greeter --scope pool:default');
    const admin = fleet.user('7').in('100', 'admin');
    expect(await says(admin, '/plugin on greeter')).toContain('only operators of the bot can switch it on again');
    expect(await says(admin, '/plugin reset greeter')).toContain('only operators');
    expect(await says(operator, '/plugin on greeter')).toBe('greeter is on for this group.');
    expect(await says(admin, '/greet')).toBe('hello');
  });

  it.each(['', ' plugin on', ' plugin off', ' config set', ' switchOn', ' reset'])(
    'nobody locks themselves out with /plugin off admin%s',
    async (command) => {
      const fleet = await start();
      const admin = fleet.user('7').in('100', 'admin');
      expect(await says(admin, `/plugin off admin${command}`)).toContain('cannot be switched off from a chat');
      expect(await says(admin, '/plugin off admin kick')).toBe('admin kick is off for this group.');
    },
  );

  it.each([
    ['/plugin off nothing', 'Not found'],
    ['/plugin off greeter dance', 'Not found'],
    ['/plugin on greeter --scope galaxy', 'The scope must be'],
    ['/plugin off "greeter', '/plugin off'],
    ['/plugin off', '/plugin off'],
  ])('%s is answered with the reason', async (typed, reason) => {
    const fleet = await start();
    expect(await says(fleet.user('9').in('100'), typed)).toContain(reason);
  });
});

describe('configuration from chat', () => {
  it('an admin sets, sees and takes away what the plugin leaves to them', async () => {
    const fleet = await start();
    const admin = fleet.user('7').in('100', 'admin');
    expect(await says(admin, '/config set greeter text good day')).toBe(
      'Configuration of plugin greeter for this group:\ntext = "good day"\ntimes = (not set)',
    );
    await admin.says('/config set greeter times 2');
    expect(await says(admin, '/greet')).toBe('good day good day');
    expect(await says(fleet.user('8').in('200'), '/greet')).toBe('hello');
    expect(await says(admin, '/config show greeter')).toContain('times = 2');
    await admin.says('/config unset greeter times');
    expect(await says(admin, '/greet')).toBe('good day');
    await fleet.restart();
    expect(await says(admin, '/greet')).toBe('good day');
  });

  it('keys that the plugin does not leave to admins are neither set nor shown, and superusers see and set them', async () => {
    const fleet = await start();
    const admin = fleet.user('7').in('100', 'admin');
    expect(await says(admin, '/config set greeter secretServer https://evil.example')).toBe(
      'Admins of a group may not set secretServer; they may set: text, times.',
    );
    expect(await says(admin, '/config unset greeter secretServer')).toContain('may not set');
    const operator = fleet.user('9').in('100');
    expect(await says(operator, '/config set greeter secretServer https://b.example')).toContain(
      'secretServer = "https://b',
    );
    expect(await says(admin, '/config show greeter')).not.toContain('secretServer');
  });

  it.each([
    ['/config set greeter times 9', /Nothing was set[^]*times/],
    ['/config set greeter text 12345678901', /Nothing was set[^]*text/],
    ['/config set greeter colour red', /colour/],
    ['/config set nothing a b', /Not found/],
    ['/config show admin', /Nothing of plugin admin can be set here/],
  ])('%s changes nothing and says why', async (typed, reason) => {
    const fleet = await start();
    for (const user of [fleet.user('7').in('100', 'admin'), fleet.user('9').in('100')]) {
      expect(await says(user, typed)).toMatch(reason);
    }
    expect(await says(fleet.user('8').in('100'), '/greet')).toBe('hello');
  });
});
