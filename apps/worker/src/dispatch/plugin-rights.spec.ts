import { describe, expect, it } from '@jest/globals';
import { atAll, BotPlugin, Command, type MessageContext } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { PluginRights, ungranted, type RightUse } from './plugin-rights';

const summary = { zh: '测试', en: 'Test' };

@BotPlugin({ id: 'quiet' })
class Quiet {
  @Command('kick', { summary })
  async kick(c: MessageContext) {
    const { outcome, error } = await c.bot.kick(100, 8);
    return `${outcome} ${error?.code ?? ''}`;
  }

  @Command('kick later', { summary })
  async kickLater(c: MessageContext) {
    const answer = await c.call('set_group_kick_async', { group_id: '100', user_id: '8' });
    return `${answer.status} ${answer.status === 'failed' ? answer.error.code : ''}`;
  }

  @Command('cookies', { summary })
  async cookies(c: MessageContext) {
    const { outcome, data } = await c.call('get_cookies', { domain: 'qq.com' });
    return `${outcome} ${JSON.stringify(data)}`;
  }

  @Command('unknown', { summary })
  async unknown(c: MessageContext) {
    return (await c.call('run_shell', { command: 'id' })).outcome;
  }

  @Command('all', { summary })
  all() {
    return [atAll(), ' wake up'];
  }

  @Command('all answered', { summary })
  async allAnswered(c: MessageContext) {
    return (await c.reply([atAll(), ' wake up'])).error?.message ?? 'done';
  }

  @Command('all asked', { summary })
  async allAsked(c: MessageContext) {
    return c.ask([atAll(), ' who is there?']).catch((error: Error) => error.message);
  }

  @Command('all everywhere', { summary })
  async allEverywhere(c: MessageContext) {
    return c.broadcast({ to: 'groups', message: [atAll()] }).then(
      ({ id }) => id,
      (error: Error) => error.message,
    );
  }
}

@BotPlugin({ id: 'loud', needs: ['moderate', 'mention-all', 'get_cookies'] })
class Loud {
  @Command('kick', { summary })
  async kick(c: MessageContext) {
    return (await c.bot.kick(100, 8)).outcome;
  }

  @Command('leave', { summary })
  async leave(c: MessageContext) {
    return (await c.bot.leaveGroup(100)).outcome;
  }

  @Command('all', { summary })
  all() {
    return [atAll(), ' wake up'];
  }

  @Command('cookies', { summary })
  async cookies(c: MessageContext) {
    return (await c.call('get_cookies', { domain: 'qq.com' })).outcome;
  }

  @Command('restart', { summary })
  async restart(c: MessageContext) {
    return (await c.call('set_restart')).outcome;
  }
}

const TEXT = 'write permissions: { quiet: [mention-all] } into rookery.yaml';

describe('a plugin that declares nothing', () => {
  it.each([
    ['kick', 'refused ACTION_NOT_GRANTED'],
    ['kick later', 'failed ACTION_NOT_GRANTED'],
    ['cookies', 'refused undefined'],
    ['unknown', 'refused'],
    ['all answered', TEXT],
    ['all everywhere', TEXT],
  ])('is refused %s, and told so', async (command, answer) => {
    const fleet = await testFleet({ plugins: [Quiet], superusers: ['7'] });
    const said = await fleet.user('7').in('100').says(`/${command}`);
    expect(said.map(({ text }) => text)).toEqual([expect.stringContaining(answer)]);
    expect(fleet.actions.map(({ name }) => name)).toEqual(['send_group_msg']);
    expect(fleet.broadcasts).toEqual([]);
    expect(fleet.warnings).toContainEqual(expect.stringContaining('quiet has no right to'));
  });

  it.each(['all', 'all asked'])('has what it says by %s not sent, and the log says why', async (command) => {
    const fleet = await testFleet({ plugins: [Quiet] });
    const said = await fleet.user('7').in('100').says(`/${command}`);
    expect(said.flatMap(({ segments }) => segments).filter(({ type }) => type === 'at')).toEqual([]);
    expect(fleet.warnings.join('\n')).toContain('quiet has no right to send_group_msg: declare or grant mention-all');
  });

  it('may what the operator grants', async () => {
    const permissions = { quiet: ['set_group_kick', 'mention-all', 'dangerous'] };
    const fleet = await testFleet({ plugins: [Quiet], permissions, superusers: ['7'] });
    const somebody = fleet.user('7').in('100');
    for (const command of ['kick', 'kick later', 'cookies', 'unknown', 'all', 'all answered', 'all everywhere'])
      await somebody.says(`/${command}`);
    const done = fleet.actions.map(({ name }) => name).filter((name) => name !== 'send_group_msg');
    expect(done).toEqual(['set_group_kick', 'set_group_kick', 'get_cookies', 'run_shell']);
    expect(fleet.said.filter(({ segments }) => segments.some(({ type }) => type === 'at'))).toHaveLength(2);
    expect(fleet.broadcasts).toHaveLength(1);
    expect(fleet.warnings).toEqual([]);
  });
});

describe('a plugin that declares what it needs', () => {
  it('may moderate, and nothing else that it did not declare', async () => {
    const fleet = await testFleet({ plugins: [Loud] });
    expect((await fleet.user('7').in('100').says('/kick'))[0]?.text).toBe('sent');
    expect((await fleet.user('7').in('100').says('/leave'))[0]?.text).toBe('refused');
  });

  it('may mention everybody and do dangerous things only where the operator grants them', async () => {
    const without = (await testFleet({ plugins: [Loud] })).user('7').in('100');
    expect(await without.says('/all')).toEqual([]);
    expect((await without.says('/cookies'))[0]?.text).toBe('refused');
    const permissions = { loud: ['mention-all', 'get_cookies'] };
    const granted = (await testFleet({ plugins: [Loud], permissions })).user('7').in('100');
    expect(await granted.says('/all')).toHaveLength(1);
    expect((await granted.says('/cookies'))[0]?.text).toBe('sent');
    expect((await granted.says('/restart'))[0]?.text).toBe('refused');
  });

  const manifest = (needs: readonly string[]) => ({ id: 'loud', needs }) as never;
  it.each([
    [['moderate', 'account', 'set_group_kick', 'send_group_msg', 'get_msg'], {}, []],
    [['mention-all', 'dangerous', 'get_cookies'], {}, ['mention-all', 'dangerous', 'get_cookies']],
    [['mention-all', 'get_cookies'], { loud: ['dangerous'] }, ['mention-all']],
    [['get_cookies'], { loud: ['get_cookies'], other: ['dangerous'] }, []],
    [['get_cookies'], { other: ['dangerous'] }, ['get_cookies']],
  ])('of %j with %j granted, lacks %j', (needs, permitted, lacking) => {
    expect(ungranted(manifest(needs), permitted)).toEqual(lacking);
  });

  it('every use of a right is told, with what it was for', () => {
    const uses: RightUse[] = [];
    const judge = new PluginRights({}, (use) => uses.push(use)).of(manifest(['moderate']), {
      handler: 'act',
      event: { id: 'e1' } as never,
    });
    const asked = { name: '_send_group_notice', params: { message: [atAll()] }, self: '10001' as never };
    expect(judge(asked)?.message).toContain('may not mention everybody (_send_group_notice)');
    expect(judge({ ...asked, name: 'get_msg', params: {} })).toBeUndefined();
    const common = { plugin: 'loud', handler: 'act', event: 'e1', asked };
    expect(uses).toEqual([
      { ...common, right: 'moderate', allowed: true },
      { ...common, right: 'mention-all', allowed: false },
    ]);
  });
});
