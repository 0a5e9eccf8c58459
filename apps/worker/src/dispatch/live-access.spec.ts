import { describe, expect, it } from '@jest/globals';
import { SECOND, type Event, type PluginSetting } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { LiveAccess } from './live-access';

const event = (group: string | undefined, self = '10001', pool = 'default') =>
  ({ type: 'notice', self, pool, ...(group !== undefined && { groupId: group }) }) as unknown as Event;

function setUp(settings: PluginSetting[], superusers: string[] = []) {
  const clock = new FakeClock();
  const troubles: string[] = [];
  const layers: unknown[] = [];
  const source = {
    now: { version: 1, settings },
    reads: 0,
    fails: false,
    version: async () => {
      if (source.fails) throw new Error('away');
      return source.now.version;
    },
    read: async () => {
      source.reads += 1;
      return source.now;
    },
  };
  const sut = new LiveAccess({
    source,
    superusers,
    clock,
    onTrouble: (error) => troubles.push(error.message),
    onConfig: (given) => layers.push(Object.fromEntries(given)),
  });
  return { sut, clock, source, troubles, layers };
}

describe('LiveAccess', () => {
  it('a handler of which nothing is said is as it was declared, and off with its plugin', async () => {
    const hear = (of: LiveAccess, group: string) => of.isOn('keyword', 'hear', event(group), false);
    const { sut } = setUp([
      { kind: 'switch', plugin: 'keyword', handler: 'hear', scope: 'group:7', on: true },
      { kind: 'switch', plugin: 'keyword', handler: 'hear', scope: 'group:8', on: true },
      { kind: 'switch', plugin: 'keyword', scope: 'group:8', on: false },
    ]);
    expect(hear(sut, '7')).toBe(false);
    await sut.start();
    expect(['6', '7', '8'].map((group) => hear(sut, group))).toEqual([false, true, false]);
    expect(['6', '7', '8'].map((group) => sut.isOn('keyword', undefined, event(group)))).toEqual([true, true, false]);
  });

  it('takes the switch of the narrowest scope, of the plugin and of the handler', async () => {
    const { sut } = setUp([
      { kind: 'switch', plugin: 'dice', scope: 'global', on: false },
      { kind: 'switch', plugin: 'dice', scope: 'pool:vip', on: true },
      { kind: 'switch', plugin: 'dice', scope: 'account:10002', on: false },
      { kind: 'switch', plugin: 'dice', scope: 'group:7', on: true },
      { kind: 'switch', plugin: 'dice', handler: 'roll', scope: 'group:7', on: false },
    ]);
    expect(sut.isOn('dice', 'flip', event('8'))).toBe(true);
    await sut.start();
    expect(sut.isOn('dice', 'flip', event('8'))).toBe(false);
    expect(sut.isOn('dice', 'flip', event('8', '10001', 'vip'))).toBe(true);
    expect(sut.isOn('dice', 'flip', event('8', '10002', 'vip'))).toBe(false);
    expect(sut.isOn('dice', 'flip', event('7', '10002', 'vip'))).toBe(true);
    expect(sut.isOn('dice', 'roll', event('7'))).toBe(false);
    expect(sut.isOn('ping', 'ping', event(undefined))).toBe(true);
    sut.stop();
  });

  it('knows superusers and grants where they hold', async () => {
    const { sut } = setUp([{ kind: 'grant', grant: 'news', user: '42', scope: 'group:7' }], ['99']);
    await sut.start();
    expect([sut.isSuperuser('99'), sut.isSuperuser('42')]).toEqual([true, false]);
    expect([sut.isGranted('42', 'news', event('7')), sut.isGranted('42', 'news', event('8'))]).toEqual([true, false]);
    sut.stop();
  });

  it('reads again only when the version has changed, now and then and when told, and hands on configuration', async () => {
    const { sut, clock, source, layers } = setUp([]);
    await sut.start();
    await sut.look();
    expect(source.reads).toBe(1);
    source.now = { version: 2, settings: [{ kind: 'config', plugin: 'dice', scope: 'group:7', value: { max: 9 } }] };
    await clock.advanceAsync(10 * SECOND);
    expect(source.reads).toBe(2);
    expect(layers).toEqual([{}, { dice: { 'group:7': { max: 9 } } }]);
    sut.stop();
  });

  it('goes on with what it knows while Redis is away', async () => {
    const { sut, source, troubles } = setUp([{ kind: 'switch', plugin: 'dice', scope: 'global', on: false }]);
    await sut.start();
    source.fails = true;
    await sut.look();
    expect(troubles).toEqual(['away']);
    expect(sut.isOn('dice', 'x', event('7'))).toBe(false);
    sut.stop();
  });
});
