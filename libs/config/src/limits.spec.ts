import { afterAll, describe, expect, it } from '@jest/globals';
import { LimitTable, type LimitScope } from '@rookery/pacing';
import { poolName, selfId, type ConversationKey } from '@rookery/protocol';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLimits, configuredLimits } from './limits';
import { loadConfig } from './load-config';

const folder = mkdtempSync(join(tmpdir(), 'rookery-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  const file = join(folder, 'rookery.yaml');
  writeFileSync(file, text);
  return loadConfig({ ROOKERY_CONFIG: file });
}
const [self, pool] = [selfId('10001'), poolName('east')];

describe('limits in rookery.yaml', () => {
  it('of narrower scopes win, setting by setting', () => {
    const config = load(`
limits: { perDay: 500, gapSeconds: 2, conversations: { "group:east:7": { conversation: [{ sends: 1, seconds: 30 }] } } }
pools: { east: { limits: { perDay: 400 } } }
accounts: [{ selfId: "10001", pool: east, mode: forward, url: "ws://x:1", limits: { gapSeconds: 3 } }]
`);
    const table = new LimitTable(configuredLimits(config));
    const { settings, sources } = table.of(self, pool);
    expect([settings.perDay, settings.gapSeconds]).toEqual([400, 3]);
    expect([sources.perDay, sources.gapSeconds, sources.account]).toEqual([
      { from: 'file', scope: 'pool' },
      { from: 'file', scope: 'account' },
      { from: 'profile', scope: 'global' },
    ]);
    expect(table.in('group:east:7' as ConversationKey, self, pool)?.settings.conversation).toEqual([
      { sends: 1, seconds: 30 },
    ]);
    expect(table.in('group:east:8' as ConversationKey, self, pool)).toBeUndefined();
  });

  it.each([
    ['limits: { account: [{ sends: 0, seconds: 1 }] }', 'limits.account[0].sends: must be from 1 to 100000'],
    ['limits: { account: [{ sends: 9, seconds: 1 }, { sends: 5, seconds: 60 }] }', 'the burst can never be reached'],
    ['limits: { account: [{ sends: 9, seconds: 5 }, { sends: 9, seconds: 5 }] }', 'names 5 seconds twice'],
    ['limits: { perDay: 3 }', 'less than the 15 that `account` allows'],
    ['limits: { gapSeconds: 10 }', 'leaves no room for 15 sends in 60 s'],
    ['limits: { jitterSeconds: [3, 1] }', 'must begin with the smaller number'],
    ['limits: { quietHours: { from: "07:00", to: "07:00" } }', 'must not be the whole day'],
    ['limits: { quietHours: { from: "7", to: "25:00" } }', 'must look like 23:30'],
    ['limits: { warmUp: { days: 7, factor: 0 } }', 'must be from 0.01 to 1'],
    ['limits: { timeZone: Moon/Sea }', 'must be a time zone like Asia/Shanghai'],
    ['limits: { kinds: { grup: [] } }', 'did you mean `group`?'],
    ['limits: { conversations: { "700": {} } }', 'must look like group:<pool>:<group number>'],
    ['limits: { conversations: { "group:east:7": { perDay: 3 } } }', 'perDay: unknown key'],
    [
      'limits: { gapSeconds: 3 }\npools: { east: { limits: { account: [{ sends: 9, seconds: 20 }] } } }',
      'pools.east.limits.gapSeconds',
    ],
    [
      'limits: { gapSeconds: 3 }\naccounts: [{ selfId: "1", mode: forward, url: "ws://x:1", limits: { perDay: 1 } }]',
      'accounts[0].limits.perDay',
    ],
  ])('that are impossible are refused at the start: %s', (text, expected) => {
    expect(() => load(text)).toThrow(expected);
  });
});

describe('checkLimits', () => {
  const global: LimitScope = { of: 'global' };

  it('gives back what may be set at run time', () => {
    expect(checkLimits(global, { profile: 'cautious', quietHours: null }, 'here')).toEqual({
      profile: 'cautious',
      quietHours: null,
    });
  });

  it.each<[LimitScope, unknown, string]>([
    [global, { perDay: '3' }, 'here  perDay: must be a number, without quotes'],
    [global, { perDay: 3 }, 'less than the 15'],
    [{ of: 'conversation', conversation: 'group:east:7' as ConversationKey }, { perDay: 300 }, 'unknown key'],
    [{ of: 'conversation', conversation: 'account:7' as ConversationKey }, {}, 'must be group:<pool>'],
  ])('refuses for %j what the file would refuse: %j', (scope, value, expected) => {
    expect(() => checkLimits(scope, value, 'here')).toThrow(expected);
  });

  it('refuses what is impossible together with what holds already', () => {
    const wider = [{ scope: global, from: 'override' as const, patch: { gapSeconds: 4 } }];
    expect(() =>
      checkLimits({ of: 'account', self }, { account: [{ sends: 10, seconds: 30 }] }, 'here', wider),
    ).toThrow('leaves no room for 10 sends in 30 s');
  });
});
