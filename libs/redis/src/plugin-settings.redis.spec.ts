import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PluginSetting } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { Cooldowns } from './cooldowns';
import { PluginSettings } from './plugin-settings';

let redis: Redis;

withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => void (await redis.flushall()));

const SETTINGS: PluginSetting[] = [
  { kind: 'switch', plugin: 'dice', scope: 'global', on: false },
  { kind: 'switch', plugin: 'dice', handler: 'roll', scope: 'group:7', on: true },
  { kind: 'grant', grant: 'news', user: '42', scope: 'pool:vip' },
  { kind: 'config', plugin: 'dice', scope: 'account:10001', value: { max: 9 } },
];

describe('PluginSettings', () => {
  it('keeps switches, grants and configuration, and counts real changes', async () => {
    const sut = new PluginSettings(redis);
    for (const setting of SETTINGS) expect(await sut.put(setting)).toBe(true);
    for (const setting of SETTINGS) expect(await sut.put(setting)).toBe(false);
    const { version, settings } = await sut.read();
    expect([version, await sut.version()]).toEqual([4, 4]);
    expect(new Set(settings)).toEqual(new Set(SETTINGS));
    for (const setting of SETTINGS) expect(await sut.remove(setting)).toBe(true);
    for (const setting of SETTINGS) expect(await sut.remove(setting)).toBe(false);
    expect(await sut.read()).toEqual({ version: 8, settings: [] });
  });

  it('refuses what has no room, and leaves out what it cannot read', async () => {
    const sut = new PluginSettings(redis, 2);
    await sut.put(SETTINGS[0] as PluginSetting);
    await expect(sut.put(SETTINGS[1] as PluginSetting)).rejects.toMatchObject({ code: 'SETTING_REFUSED' });
    const large = { ...SETTINGS[3], value: { text: 'x'.repeat(70_000) } } as PluginSetting;
    await expect(sut.put(large)).rejects.toMatchObject({ code: 'SETTING_REFUSED' });
    const foreign = {
      'switch|a||moon': 'on',
      'dance|a||global': '1',
      'config|a||global': '{',
      'config|b||global': '[]',
    };
    await redis.hset('rookery:plugin-settings', foreign);
    expect((await sut.read()).settings).toEqual([SETTINGS[0]]);
  });
});

describe('Cooldowns', () => {
  it('lets the first through, and again when its worker died; others wait and are told once', async () => {
    const sut = new Cooldowns(redis);
    expect(await sut.begin('dice.roll|42', 'e1', 60_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await sut.begin('dice.roll|42', 'e1', 60_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await sut.begin('dice.roll|42', 'e2', 60_000)).toEqual({ remainingMs: expect.any(Number), tell: true });
    const third = await sut.begin('dice.roll|42', 'e3', 60_000);
    expect(third.tell).toBe(false);
    expect(third.remainingMs).toBeGreaterThan(30_000);
    expect(await sut.begin('dice.roll|42', 'e1', 60_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await sut.begin('dice.roll|43', 'e4', 60_000)).toEqual({ remainingMs: 0, tell: false });
    expect(await redis.pttl('rookery:cooldown:dice.roll%7C42')).toBeLessThanOrEqual(60_000);
  });
});
