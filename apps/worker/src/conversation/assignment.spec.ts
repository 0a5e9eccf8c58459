import { describe, expect, it } from '@jest/globals';
import { selfId, type ConversationKey } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import type { AssigneePolicy } from './assignee-policy';
import { inGroup, said, stage, type Said, type StageOptions } from './spec-stage';

const [A, B, C] = [selfId('10001'), selfId('10002'), selfId('10003')];

async function setUp(policy: AssigneePolicy = 'sticky', wishes: StageOptions['assignment'] = {}) {
  const clock = new FakeClock();
  const made = stage({ clock, assignment: { policy: () => policy, ...wishes } });
  const { assignment, members } = made;
  const changes: string[] = [];
  const troubles: string[] = [];
  assignment.on('changed', (group, to, from, reason) =>
    changes.push(`${group.split(':')[2]}: ${from ?? '-'} > ${to} ${reason}`),
  );
  assignment.on('trouble', (error) => troubles.push(error.message));
  await assignment.ready(inGroup('7'));
  const hear = (message: Said) => members.heard(said(message));
  /** Whose copy is wanted when this one comes. */
  const prefer = (message: Said) => {
    hear(message);
    return assignment.prefer(said(message));
  };
  return { ...made, clock, changes, troubles, hear, prefer };
}

describe('Assignment', () => {
  it('begins with the account that saw the first message, keeps it, and remembers it', async () => {
    const { prefer, changes, kept } = await setUp();
    expect([prefer({ account: A }), prefer({ account: B }), prefer({ account: C })]).toEqual([A, A, A]);
    expect(changes).toEqual([`7: - > ${A} first`]);
    expect(kept.get(inGroup('7'))).toBe(A);
  });

  it('goes on with the one that the worker before had', async () => {
    const { assignment, kept, prefer, changes } = await setUp();
    kept.set(inGroup('8'), B);
    const loading = assignment.ready(inGroup('8'));
    expect(assignment.ready(inGroup('8'))).toBe(loading);
    await loading;
    expect(assignment.ready(inGroup('8'))).toBeUndefined();
    expect(prefer({ account: A, group: '8' })).toBe(B);
    expect(changes).toEqual([]);
  });

  it('forgets an account that is no longer of the fleet', async () => {
    const { assignment, kept, prefer } = await setUp();
    kept.set(inGroup('8'), selfId('999'));
    await assignment.ready(inGroup('8'));
    expect(prefer({ account: A, group: '8' })).toBe(A);
  });

  it('chooses anew when Redis does not tell, and says so', async () => {
    const away = () => Promise.reject(new Error('away'));
    const { prefer, troubles } = await setUp('sticky', { store: { load: away, save: away } });
    expect(prefer({ account: A })).toBe(A);
    await Promise.resolve();
    expect(troubles).toEqual(['away', 'away']);
  });

  it('gives a group to another account when its own is offline or muted', async () => {
    const { prefer, changes, offline, members } = await setUp();
    prefer({ account: A });
    offline.add(A);
    expect(prefer({ account: B })).toBe(B);
    const ban = { ...said({ account: C }), type: 'notice', kind: 'group_ban', userId: B, fields: { duration: 60 } };
    members.heard(ban as unknown as ReturnType<typeof said>);
    expect(prefer({ account: C })).toBe(C);
    expect(changes).toEqual([`7: - > ${A} first`, `7: ${A} > ${B} unfit`, `7: ${B} > ${C} unfit`]);
  });

  it('changes nothing when no account can act', async () => {
    const { prefer, changes, offline } = await setUp();
    for (const account of [A, B]) offline.add(account);
    expect(prefer({ account: B })).toBe(B);
    expect(changes).toEqual([]);
  });

  it('gives a group up whose account misses two messages in a row', async () => {
    const { prefer, changes, assignment } = await setUp();
    prefer({ account: A });
    assignment.taken(said({ account: B }), A);
    assignment.taken(said({ account: A }), A);
    assignment.taken(said({ account: B }), A);
    expect(changes).toHaveLength(1);
    assignment.taken(said({ account: B }), A);
    expect(changes[1]).toBe(`7: ${A} > ${B} silent`);
  });

  it('lets an account that is mentioned answer this once', async () => {
    const { prefer, changes, offline } = await setUp();
    prefer({ account: A });
    expect(prefer({ account: A, at: B })).toBe(B);
    expect(prefer({ account: A, at: '42' })).toBe(A);
    expect(prefer({ account: A, at: 'all' })).toBe(A);
    offline.add(B);
    expect(prefer({ account: A, at: B })).toBe(A);
    expect(changes).toHaveLength(1);
  });

  it('does not wait for another when the one that has the message is mentioned too', async () => {
    const { assignment, prefer } = await setUp();
    prefer({ account: A });
    const segments = [B, C].map((qq) => ({ type: 'at', data: { qq } }));
    expect(assignment.prefer({ ...said({ account: C }), segments })).toBe(C);
    expect(assignment.prefer({ ...said({ account: A }), segments })).toBe(B);
  });

  it('does what settings say while that account can act, and stops waiting for one that is not there', async () => {
    const explicit = (group: ConversationKey) => (group === inGroup('7') ? C : undefined);
    const { prefer, offline, assignment } = await setUp('sticky', { explicit });
    expect(prefer({ account: A, at: B })).toBe(C);
    offline.add(C);
    expect(prefer({ account: A })).toBe(A);
    offline.delete(C);
    for (let n = 0; n < 2; n++) assignment.taken(said({ account: A }), C);
    expect(prefer({ account: A })).toBe(A);
    expect([prefer({ account: C }), prefer({ account: A })]).toEqual([C, C]);
  });

  it('round-robin: each message is the next one’s', async () => {
    const { prefer, hear, offline } = await setUp('round-robin');
    for (const account of [C, A, B]) hear({ account });
    expect(Array.from({ length: 4 }, () => prefer({ account: B }))).toEqual([A, B, C, A]);
    offline.add(B);
    expect([prefer({ account: A }), prefer({ account: A })]).toEqual([C, A]);
  });

  it('least-loaded: a new group goes to the account that answers in the fewest', async () => {
    const { prefer, hear, assignment } = await setUp('least-loaded');
    for (const group of ['7', '8', '9']) {
      await assignment.ready(inGroup(group));
      for (const account of [A, B]) hear({ account, group });
    }
    expect([prefer({ account: A }), prefer({ account: A, group: '8' }), prefer({ account: A, group: '9' })]).toEqual([
      A,
      B,
      A,
    ]);
    expect(prefer({ account: B })).toBe(A);
  });

  it('admin-capable: an admin takes the group over as soon as one is known', async () => {
    const { prefer, hear, changes } = await setUp('admin-capable');
    expect(prefer({ account: A })).toBe(A);
    hear({ account: B });
    hear({ account: A, from: B, role: 'admin', own: true });
    expect([prefer({ account: A }), prefer({ account: A })]).toEqual([B, B]);
    expect(changes).toEqual([`7: - > ${A} first`, `7: ${A} > ${B} policy`]);
  });
});
