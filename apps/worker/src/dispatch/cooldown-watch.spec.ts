import { describe, expect, it } from '@jest/globals';
import { BotPlugin, Command } from '@rookery/plugin-kit';
import { FakeClock } from '@rookery/testing';
import { MemoryCooldowns } from '../testing/memory-cooldowns';
import { MemoryFleet } from '../testing/memory-fleet';
import { CooldownWatch, type CooldownStore } from './cooldown-watch';

const summary = { zh: '测试', en: 'Test' };

@BotPlugin({ id: 'slow' })
class Slow {
  @Command('mine', { summary, cooldown: '10s/user' })
  mine(): string {
    return 'mine';
  }

  @Command('ours', { summary, cooldown: '10s/group' })
  ours(): string {
    return 'ours';
  }

  @Command('all', { summary, cooldown: '10s/global' })
  all(): string {
    return 'all';
  }
}

const start = () => MemoryFleet.start({ plugins: [Slow], accounts: ['10001', '10002'], locale: 'en' });
const texts = (said: readonly { readonly text: string }[]) => said.map(({ text }) => text);

describe('cooldowns', () => {
  it.each([
    ['/mine', ['7', '100'], ['8', '100']],
    ['/ours', ['7', '100'], ['7', '200']],
  ] as const)('%s waits for the same and for nobody else', async (command, [user, group], [other, elsewhere]) => {
    const fleet = await start();
    expect(texts(await fleet.user(user).in(group).says(command))).toEqual([command.slice(1)]);
    expect(texts(await fleet.user(user).in(group).says(command))).toEqual(['Too fast: try again in 10 s.']);
    expect(texts(await fleet.user(other).in(elsewhere).says(command))).toEqual([command.slice(1)]);
  });

  it('a global one holds for everybody everywhere, also after the worker died', async () => {
    const fleet = await start();
    await fleet.user('7').in('100').says('/all');
    await fleet.restart();
    expect(texts(await fleet.user('8').says('/all'))[0]).toContain('Too fast');
  });

  it('who waits is told once, and the handler runs again when the time is over', async () => {
    const fleet = await start();
    const user = fleet.user('7').in('100');
    await user.says('/mine');
    await fleet.advance('4s');
    expect(texts(await user.says('/mine'))).toEqual(['Too fast: try again in 6 s.']);
    expect(texts(await user.says('/mine'))).toEqual([]);
    await fleet.advance('6s');
    expect(texts(await user.says('/mine'))).toEqual(['mine']);
    expect(fleet.runs).toHaveLength(2);
  });

  it('the event that began it may ask again: a worker that takes over repeats it', async () => {
    const store = new MemoryCooldowns(new FakeClock());
    expect(await store.begin('key', 'event', 1_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await store.begin('key', 'event', 1_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await store.begin('key', 'other', 1_000)).toEqual({ remainingMs: 1_000, tell: true });
    expect(await store.begin('key', 'other', 1_000)).toEqual({ remainingMs: 1_000, tell: false });
  });

  it('where Redis does not tell, nobody waits, and it is reported', async () => {
    const unknown: string[] = [];
    const store: CooldownStore = { begin: () => Promise.reject(new Error('away')) };
    const sut = new CooldownWatch(store, ({ message }) => unknown.push(message));
    const route = { plugin: 'slow', handler: 'mine', cooldown: { ms: 1, per: 'user' } } as const;
    const event = { type: 'message', id: 'e', sender: { userId: '7' } } as never;
    expect(await sut.check(route, event)).toBeUndefined();
    expect(unknown).toEqual(['away']);
    expect(await sut.check({ plugin: 'slow', handler: 'free' }, event)).toBeUndefined();
    expect(await sut.check(route, { type: 'notice' } as never)).toBeUndefined();
    expect(unknown).toHaveLength(1);
  });
});
