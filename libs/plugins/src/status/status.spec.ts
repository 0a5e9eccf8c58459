import { describe, expect, it } from '@jest/globals';
import type { Locale, LocalText } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import type { FleetStatus } from '@rookery/protocol';
import { StatusPlugin } from './status.plugin';

const accounts = ['10001', '10002', '10003'];
const start = (locale: Locale) => testFleet({ plugins: [StatusPlugin], accounts, locale, superusers: ['9'] });

describe('StatusPlugin', () => {
  it('tells of the fleet and of the account that answers', async () => {
    const fleet = await start('en');
    await fleet.goOffline('10003');
    const [said] = await fleet.user('9').says('/status');
    expect(said?.text.split('\n')).toEqual([
      'Rookery test, up for 0 s',
      'Nodes: 1 connectors, 1 workers, 0 consoles',
      'Accounts 3: 2 online, 1 offline',
      'Waiting: 0 events (oldest 0 s), 0 actions, 0 retries, 0 dead letters',
      'This account 10001: online for 0 s',
    ]);
  });

  it('is for superusers and people with the grant: how many accounts there are is nobody else’s business', async () => {
    const fleet = await start('zh');
    const [said] = await fleet.user('7').in('100', 'owner').says('/状态');
    expect(said?.text).toBe('需要权限 status 才能使用这个指令，请联系机器人的管理者。');
  });

  const told = async (locale: Locale, found: Partial<FleetStatus> | Error) => {
    const status = {
      version: '1.0.0',
      startedAt: 0,
      nodes: { connector: 2, worker: 3, console: 1 },
      accounts: { online: 5 },
      pool: { online: 5 },
      backlog: { events: 0, eventsOldest: 0, actions: 0, retries: 0, deadLetters: 0 },
    };
    const context = {
      locale,
      now: 90_061_000,
      event: { pool: 'news' },
      log: { warn: () => undefined },
      text: (text: LocalText, fillings: Record<string, unknown> = {}) =>
        text[locale].replace(/\{(\w+)\}/g, (_, name: string) => String(fillings[name])),
      fleetStatus: () => (found instanceof Error ? Promise.reject(found) : Promise.resolve({ ...status, ...found })),
    };
    return new StatusPlugin().status(context as never);
  };

  it('says in both languages why an account is not online, what waits, and how the pool differs from the fleet', async () => {
    const found = {
      pool: { failed: 1 },
      account: { self: '10001', state: 'failed', reason: 'the token is wrong', since: 90_000_000 } as never,
      backlog: { events: 7, eventsOldest: 61, actions: 8, retries: 9, deadLetters: 10 },
    };
    expect((await told('en', found)).split('\n')).toEqual([
      'Rookery 1.0.0, up for 1 d 1 h',
      'Nodes: 2 connectors, 3 workers, 1 consoles',
      'Accounts 5: 5 online',
      'Pool news 1: 1 failed',
      'Waiting: 7 events (oldest 1 min 1 s), 8 actions, 9 retries, 10 dead letters',
      'This account 10001: failed for 1 min 1 s',
      'Why: the token is wrong',
    ]);
    expect(await told('zh', found)).toMatch(
      /已运行 1 天 1 小时[^]*账号池 news 1：1 失败[^]*已 1 分 1 秒\n原因：the token is wrong/,
    );
  });

  it('of an account that nobody has spoken for no time is told, and an empty fleet is 0', async () => {
    const account = { self: '10001', state: 'connecting', reason: '' } as never;
    expect(await told('en', { accounts: {}, pool: {}, account })).toMatch(
      /Accounts 0: 0\n[^]*This account 10001: connecting$/,
    );
  });

  it('says so when Redis does not answer', async () => {
    expect(await told('en', new Error('away'))).toContain('cannot be looked at now');
  });
});
