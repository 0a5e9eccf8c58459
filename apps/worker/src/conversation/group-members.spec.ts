import { describe, expect, it } from '@jest/globals';
import { selfId, type Event } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { GroupMembers } from './group-members';
import { inGroup, said } from './spec-stage';

const GROUP = inGroup('7');
const A = selfId('10001');

function setUp() {
  const clock = new FakeClock();
  const sut = new GroupMembers(clock, new Set(['10001', '10002']));
  const notice = (kind: string, change: object = {}) =>
    sut.heard({ ...said({ account: '10002' }), type: 'notice', kind, fields: {}, ...change } as unknown as Event);
  const ban = (userId: string | undefined, duration: number, subType = 'ban') =>
    notice('group_ban', { userId, subType, fields: { duration } });
  return { clock, sut, notice, ban, present: () => sut.isPresent(GROUP, A) };
}

describe('GroupMembers', () => {
  it('knows which accounts saw something of a group in the last ten minutes', () => {
    const { sut, clock } = setUp();
    sut.heard(said({ account: '10001' }));
    clock.advance(10 * 60_000);
    sut.heard(said({ account: '10002' }));
    expect(sut.recent(GROUP)).toEqual(['10001', '10002']);
    clock.advance(1);
    expect(sut.recent(GROUP)).toEqual(['10002']);
    expect(sut.recent(inGroup('8'))).toEqual([]);
  });

  it('learns nothing of groups from private messages', () => {
    const { sut } = setUp();
    sut.heard({ ...said(), conversation: 'private:10001:42' } as unknown as Event);
    expect(sut.recent(GROUP)).toEqual([]);
  });

  it('learns who is admin from what our accounts say and from notices', () => {
    const { sut, notice } = setUp();
    expect(sut.isAdmin(GROUP, A)).toBe(false);
    sut.heard(said({ account: '10002', from: '10001', role: 'owner' }));
    expect(sut.isAdmin(GROUP, A)).toBe(true);
    notice('group_admin', { userId: '10001', subType: 'unset' });
    expect(sut.isAdmin(GROUP, A)).toBe(false);
    notice('group_admin', { userId: '10001', subType: 'set' });
    expect(sut.isAdmin(GROUP, A)).toBe(true);
    notice('group_admin', { userId: '42', subType: 'set' });
    notice('group_admin', { subType: 'set' });
    expect(sut.isAdmin(GROUP, selfId('42'))).toBe(false);
  });

  it('holds an account for unable to speak while it is muted', () => {
    const { ban, clock, present } = setUp();
    expect(present()).toBe(true);
    ban('10001', 60);
    ban('42', 600);
    expect(present()).toBe(false);
    clock.advance(60_000);
    expect(present()).toBe(true);
    ban('10001', 60);
    ban('10001', 0, 'lift_ban');
    expect(present()).toBe(true);
  });

  it('when a whole group is muted only its admins can speak', () => {
    const { ban, present, notice } = setUp();
    ban(undefined, -1);
    expect(present()).toBe(false);
    notice('group_admin', { userId: '10001', subType: 'set' });
    expect(present()).toBe(true);
    notice('group_admin', { userId: '10001', subType: 'unset' });
    ban(undefined, 0, 'lift_ban');
    expect(present()).toBe(true);
  });

  it('holds an account for gone that left, or whose copies were missed twice, until it is heard again', () => {
    const { sut, notice, present } = setUp();
    notice('group_decrease', { userId: '10001' });
    expect(present()).toBe(false);
    sut.heard(said({ account: '10001' }));
    expect(present()).toBe(true);
    sut.missed(GROUP, A);
    expect(present()).toBe(true);
    sut.missed(GROUP, A);
    expect(present()).toBe(false);
    sut.heard(said({ account: '10001' }));
    expect(present()).toBe(true);
    sut.missed(inGroup('8'), A);
    expect(sut.isPresent(inGroup('8'), A)).toBe(true);
  });
});
