import { describe, expect, it } from '@jest/globals';
import { BotPlugin, Command, type MessageContext } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { RookeryError } from '@rookery/protocol';

const summary = { zh: '广播', en: 'Broadcasts' };

@BotPlugin({ id: 'town-crier' })
class TownCrier {
  @Command('cry [text...]', { summary })
  async cry(c: MessageContext) {
    const broadcast = await c.broadcast({ to: { groups: ['1', '2', '3'] }, message: c.args });
    if (c.args === 'really?') await c.ask('Go on?');
    return `begun ${broadcast.id}, ${(await broadcast.status()).counts.waiting} wait`;
  }

  @Command('twice', { summary })
  async twice(c: MessageContext) {
    for (const to of ['groups', 'friends'] as const) await c.broadcast({ to, message: 'x' });
  }

  @Command('mistaken', { summary })
  async mistaken(c: MessageContext) {
    return c.broadcast({ to: { groups: [] }, message: 'x' }).catch((error: RookeryError) => error.code);
  }

  @Command('try [text...]', { summary })
  async attempt(c: MessageContext) {
    const [verb, id = ''] = c.args.split(' ');
    try {
      if (verb === 'list') return (await c.broadcasts.list()).map((one) => `${one.id} ${one.state}`).join('; ');
      const broadcast = await c.broadcasts.find(id);
      const status =
        verb === 'pause'
          ? await broadcast.pause()
          : verb === 'resume'
            ? await broadcast.resume()
            : verb === 'cancel'
              ? await broadcast.cancel()
              : await broadcast.status();
      const { state, counts } = status;
      return `${state}: ${counts.sent} of ${counts.total}, ${counts.not_sent} not`;
    } catch (error) {
      return error instanceof RookeryError ? error.code : String(error);
    }
  }
}

const start = () => testFleet({ plugins: [TownCrier], superusers: ['9'], locale: 'en' });

describe('broadcasts of plugins', () => {
  it('a superuser begins one, sees how far it is, holds it, lets it go on and calls it off', async () => {
    const fleet = await start();
    const boss = fleet.user('9').in('100');
    expect((await boss.says('/cry hello'))[0]?.text).toMatch(/^begun \w+, 3 wait$/);
    const [begun] = fleet.broadcasts;
    expect(begun).toMatchObject({
      createdBy: 'plugin:town-crier',
      audience: 'list',
      message: [{ type: 'text', data: { text: 'hello' } }],
    });
    const id = begun?.id ?? ('' as never);
    fleet.broadcastProgress(id, { sent: 1 });
    const ask = async (verb: string) => (await boss.says(`/try ${verb} ${id}`))[0]?.text;
    expect(await ask('status')).toBe('running: 1 of 3, 0 not');
    expect(await ask('pause')).toBe('paused: 1 of 3, 0 not');
    expect(await ask('resume')).toBe('running: 1 of 3, 0 not');
    expect(await ask('cancel')).toBe('cancelled: 1 of 3, 2 not');
    expect(await ask('resume')).toBe('BROADCAST_ENDED');
    expect(await ask('list')).toBe(`${id} cancelled`);
  });

  it('has ended when every target has its outcome', async () => {
    const fleet = await start();
    await fleet.user('9').says('/cry hello');
    const id = fleet.broadcasts[0]?.id ?? ('' as never);
    fleet.broadcastProgress(id, { sent: 2, refused: 1 });
    expect(fleet.broadcasts[0]).toMatchObject({ state: 'done', counts: { waiting: 0, sent: 2, refused: 1 } });
  });

  it('a handler that is run again for an answer, on another worker, begins no second one', async () => {
    const fleet = await start();
    const boss = fleet.user('9').in('100');
    await boss.says('/cry really?');
    await fleet.restart();
    expect((await boss.says('yes'))[0]?.text).toMatch(/^begun /);
    expect(fleet.broadcasts).toHaveLength(1);
  });

  it('two of one handler are two', async () => {
    const fleet = await start();
    await fleet.user('9').says('/twice');
    expect(fleet.broadcasts.map(({ audience }) => audience)).toEqual(['friends', 'groups']);
  });

  it('somebody without the grant begins none, and neither sees nor stops those of others', async () => {
    const fleet = await start();
    await fleet.user('9').says('/cry hello');
    const id = fleet.broadcasts[0]?.id;
    for (const verb of ['list', `status ${id}`, `cancel ${id}`]) {
      expect((await fleet.user('7').says(`/try ${verb}`))[0]?.text).toBe('BROADCAST_REFUSED');
    }
    await expect(fleet.user('7').in('100', 'owner').says('/cry hello')).rejects.toThrow('grant');
    expect(fleet.broadcasts).toMatchObject([{ state: 'running' }]);
  });

  it('what cannot be carried out and ids that are none are told at once', async () => {
    const fleet = await start();
    expect((await fleet.user('9').says('/mistaken'))[0]?.text).toBe('BROADCAST_INVALID');
    expect((await fleet.user('9').says('/try status a:b'))[0]?.text).toBe('BROADCAST_UNKNOWN');
    expect((await fleet.user('9').says('/try status abcdef'))[0]?.text).toBe('BROADCAST_UNKNOWN');
    expect(fleet.broadcasts).toEqual([]);
  });
});
