import { describe, expect, it } from '@jest/globals';
import { poolName, selfId, type ConversationKey } from '@rookery/protocol';
import { PROFILES } from './limits';
import { LimitTable, resolveLimits, type LimitLayer, type LimitScope } from './limits-in-force';

const [self, pool] = [selfId('10001'), poolName('east')];
const layer = (scope: LimitScope, patch: LimitLayer['patch'], from: LimitLayer['from'] = 'file'): LimitLayer => ({
  scope,
  from,
  patch,
});

describe('resolveLimits', () => {
  it('is the default profile where nobody says anything', () => {
    const { profile, settings, sources } = resolveLimits([]);
    expect({ profile, settings }).toEqual({ profile: 'default', settings: PROFILES.default });
    expect(sources.account).toEqual({ from: 'profile', scope: 'default' });
  });

  it('sets aside what wider scopes said when a scope names a profile', () => {
    const { settings, profile, sources } = resolveLimits([
      layer({ of: 'global' }, { perDay: 10 }),
      layer({ of: 'account', self }, { profile: 'unlimited', gapSeconds: 1 }),
    ]);
    expect({ profile, settings }).toEqual({ profile: 'unlimited', settings: { ...PROFILES.unlimited, gapSeconds: 1 } });
    expect(sources).toMatchObject({
      perDay: { from: 'profile', scope: 'account' },
      gapSeconds: { from: 'file', scope: 'account' },
      profile: { from: 'file', scope: 'account' },
    });
  });

  it('lets a conversation change what is its own and nothing else', () => {
    const conversation = 'group:east:7' as ConversationKey;
    const { settings, profile } = resolveLimits([
      layer({ of: 'conversation', conversation }, { profile: 'unlimited', perDay: null }),
    ]);
    expect(profile).toBe('default');
    expect(settings).toEqual({ ...PROFILES.default, conversation: [], repeats: null });
  });
});

describe('LimitTable', () => {
  it('takes what was changed at run time before the file at the same scope, and a narrower scope before both', () => {
    const table = new LimitTable([
      layer({ of: 'pool', pool }, { perDay: 200 }, 'override'),
      layer({ of: 'pool', pool }, { perDay: 300, gapSeconds: 3 }),
      layer({ of: 'global' }, { gapSeconds: 9, repeats: null }, 'override'),
    ]);
    const { settings, sources } = table.of(self, pool);
    expect([settings.perDay, settings.gapSeconds, settings.repeats]).toEqual([200, 3, null]);
    expect([sources.perDay.from, sources.gapSeconds.from, sources.repeats.from]).toEqual([
      'override',
      'file',
      'override',
    ]);
    expect(table.of(self, poolName('west')).settings.gapSeconds).toBe(9);
  });
});
