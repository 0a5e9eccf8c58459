import { describe, expect, it } from '@jest/globals';
import type { Permissions } from '@rookery/plugin-kit';
import type { Event } from '@rookery/protocol';
import { requireBroadcastRight } from './broadcast-right';

const base = { id: 'e1', self: '10001', pool: 'default', conversation: 'group:default:7', time: 0, receivedAt: 0 };
const scene = { kind: 'group', groupId: '7' };
const message = { ...base, type: 'message', scene, sender: { userId: '42', role: 'owner' } } as unknown as Event;
const joined = { ...base, type: 'notice', kind: 'group_increase', groupId: '7', userId: '42' } as unknown as Event;
const schedule = { ...base, type: 'schedule' } as unknown as Event;
const heartbeat = { ...base, type: 'meta' } as unknown as Event;

const nobody: Permissions = { isSuperuser: () => false, isGranted: () => false };
const boss: Permissions = { ...nobody, isSuperuser: (user) => user === '42' };
const granted: Permissions = { ...nobody, isGranted: (user, grant) => user === '42' && grant === 'broadcast' };
const otherwise: Permissions = { ...nobody, isGranted: (_user, grant) => grant !== 'broadcast' };

describe('requireBroadcastRight', () => {
  it.each([
    ['a superuser', message, boss],
    ['somebody with the grant', message, granted],
    ['what somebody with the grant did', joined, granted],
    ['a schedule', schedule, nobody],
  ])('lets %s', (_who, event, permissions) => {
    expect(() => requireBroadcastRight(event, permissions)).not.toThrow();
  });

  it.each([
    ['the owner of a group', message, nobody],
    ['somebody with other grants', message, otherwise],
    ['somebody who just joined', joined, nobody],
    ['an event behind which there is no person', heartbeat, boss],
    ['anybody where no settings are known', message, undefined],
  ])('refuses %s', (_who, event, permissions) => {
    expect(() => requireBroadcastRight(event, permissions)).toThrow(
      expect.objectContaining({ code: 'BROADCAST_REFUSED' }),
    );
  });
});
