import { describe, expect, it } from '@jest/globals';
import { actionId, chatOf, MINUTE, selfId, type Action, type ActionResult, type ErrorCode } from '@rookery/protocol';
import type { StoredHolds } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { AccountHolds } from './account-holds';

const self = selfId('10001');
let count = 0;
const send = (group: string, fields: Partial<Action> = {}): Action => ({
  v: 1,
  id: actionId(`a${count++}`),
  self,
  name: 'send_group_msg',
  params: { group_id: group },
  lane: 'normal',
  createdAt: 0,
  expiresAt: 0,
  origin: { plugin: 'p' },
  ...fields,
});
const toUser = (user: string) => send('', { name: 'send_private_msg', params: { user_id: user } });

function setUp(kept?: StoredHolds) {
  const clock = new FakeClock();
  let stored = kept;
  const broken = { load: false, save: false };
  const log: string[] = [];
  const woken: (string | undefined)[] = [];
  const make = () => {
    const made = new AccountHolds(
      {
        async load() {
          if (broken.load) throw new Error('no load');
          return stored;
        },
        async save(_self, holds) {
          if (broken.save) throw new Error('no save');
          stored = structuredClone(holds);
        },
      },
      clock,
    );
    made.on('held', ({ scope, to }) => log.push(`${scope} ${to}`));
    made.on('trouble', (error) => log.push(error.message));
    made.onChanged((_self, chat) => woken.push(chat));
    return made;
  };
  const sut = make();
  const end = (action: Action, outcome: ActionResult['outcome'], code?: ErrorCode, holds = sut) => {
    holds.begun(action);
    const error = code && { code, message: '' };
    holds.answered(action, { id: action.id, self, outcome, endedAt: 0, ...(error && { error }) });
  };
  const held = (action: Action, holds = sut) => holds.of(self, action, chatOf(action));
  return { sut, clock, log, woken, end, held, make, broken, stored: () => stored };
}

describe('AccountHolds', () => {
  it('pauses all groups after three sends to groups in a row without an answer, lets one probe after ten minutes, closes', () => {
    const { end, held, clock, log, sut } = setUp();
    for (const group of ['1', '2', '3']) end(send(group), 'unknown', 'ACTION_OUTCOME_UNKNOWN');
    expect(held(send('9'))).toEqual({ reason: 'breaker', scope: 'chat', until: clock.now() + 10 * MINUTE });
    expect([held(toUser('7')), held(send('9', { lane: 'read', name: 'get_group_info' }))]).toEqual([
      undefined,
      undefined,
    ]);
    clock.advance(10 * MINUTE);
    const probe = send('9');
    expect(held(probe)).toBeUndefined();
    sut.begun(probe);
    expect(held(send('8'))).toEqual({ reason: 'breaker', scope: 'chat' });
    end(probe, 'sent');
    expect(held(send('8'))).toBeUndefined();
    expect(log).toEqual(['groups opened', 'groups probing', 'groups closed']);
  });

  it('holds one chat alone where others answer in between', () => {
    const { end, held, log } = setUp();
    for (let n = 0; n < 3; n++) {
      end(send('1'), 'unknown', 'ACTION_OUTCOME_UNKNOWN');
      end(send('2'), 'sent');
    }
    expect([held(send('1'))?.reason, held(send('2'))]).toEqual(['breaker', undefined]);
    expect(log).toEqual(['group:1 opened']);
  });

  it('stops sending where the account was removed or is no friend, after three refusals', () => {
    const { end, held } = setUp();
    for (let n = 0; n < 3; n++) end(toUser('7'), 'refused', 'ACTION_NOT_FRIEND');
    for (let n = 0; n < 3; n++) end(send('1'), 'refused', 'ACTION_NOT_IN_GROUP');
    expect([held(toUser('7'))?.reason, held(send('1'))?.reason, held(send('2'))]).toEqual([
      'breaker',
      'breaker',
      undefined,
    ]);
  });

  it('holds the whole account when QQ refuses it, longer after each failed probe, until it is logged in again', () => {
    const { end, held, clock, sut, log } = setUp();
    end(send('1'), 'refused', 'ACTION_ACCOUNT_OFFLINE');
    expect(held(toUser('7'))).toEqual({ reason: 'breaker', scope: 'account', until: clock.now() + MINUTE });
    clock.advance(MINUTE);
    end(send('1'), 'refused', 'ACTION_ACCOUNT_OFFLINE');
    expect(held(send('1', { name: 'set_group_card' }))?.until).toBe(clock.now() + 2 * MINUTE);
    sut.loggedIn(self);
    expect(held(toUser('7'))).toBeUndefined();
    expect(log).toEqual(['account opened', 'account probing', 'account opened', 'account closed']);
  });

  it('lets another one probe when the first was given back or refused for a reason of its own', () => {
    const { sut, end, held, clock, woken } = setUp();
    for (const group of ['1', '2', '3']) end(send(group), 'unknown', 'ACTION_OUTCOME_UNKNOWN');
    clock.advance(10 * MINUTE);
    const given = send('9');
    sut.begun(given);
    sut.released(given);
    expect(held(send('9'))).toBeUndefined();
    end(send('9'), 'refused', 'ACTION_INVALID');
    expect(held(send('9'))).toBeUndefined();
    expect(woken.length).toBeGreaterThan(2);
  });

  it('holds a muted group until the mute ends or is lifted, and nothing but messages', () => {
    const { sut, end, held, clock, log } = setUp();
    const group = chatOf(send('1'));
    sut.muted(self, group, clock.now() + MINUTE);
    expect(held(send('1'))).toEqual({ reason: 'muted', scope: 'chat', until: clock.now() + MINUTE });
    expect([held(send('2')), held(send('1', { name: 'set_group_leave' }))]).toEqual([undefined, undefined]);
    sut.unmuted(self, group);
    sut.unmuted(self, group);
    expect(held(send('1'))).toBeUndefined();
    end(send('1'), 'refused', 'ACTION_MUTED');
    expect(held(send('1'))?.until).toBe(clock.now() + 10 * MINUTE);
    clock.advance(10 * MINUTE);
    expect(held(send('1'))).toBeUndefined();
    expect(log).toEqual(['group:1 muted', 'group:1 unmuted', 'group:1 muted']);
  });

  it('goes on where a predecessor was, and forgets what has passed', async () => {
    const { sut, end, held, make, clock, stored } = setUp();
    for (const group of ['1', '2', '3']) end(send(group), 'unknown', 'ACTION_OUTCOME_UNKNOWN');
    sut.muted(self, chatOf(send('5')), clock.now() + MINUTE);
    const heir = make();
    await heir.takeOver(self);
    expect(held(send('9'), heir)).toEqual(held(send('9')));
    expect(heir.of(self, send('5', { name: 'send_group_forward_msg' }), chatOf(send('5')))).toBeDefined();
    clock.advance(10 * MINUTE);
    for (const group of ['1', '2', '3']) end(send(group), 'sent', undefined, heir);
    expect(stored()).toEqual({ breakers: [], mutes: [] });
    heir.forget(self);
    expect(held(send('9'), heir)).toBeUndefined();
  });

  it('says which breakers are not closed, and in how many chats accounts are muted', () => {
    const { sut, end, clock } = setUp();
    for (const group of ['1', '1', '1']) end(send(group), 'unknown', 'ACTION_OUTCOME_UNKNOWN');
    end(send('2', { name: 'set_group_leave' }), 'refused', 'ACTION_ACCOUNT_OFFLINE');
    sut.muted(self, chatOf(send('5')), clock.now() + MINUTE);
    sut.muted(self, chatOf(send('6')), clock.now() + 2 * MINUTE);
    expect([...sut.openBreakers()]).toEqual([
      { self, scope: 'groups', state: 'open' },
      { self, scope: 'chat', state: 'open' },
      { self, scope: 'account', state: 'open' },
    ]);
    expect(sut.mutes).toBe(2);
    clock.advance(MINUTE);
    sut.begun(send('9', { name: 'set_group_leave' }));
    expect([...sut.openBreakers()].at(-1)).toEqual({ self, scope: 'account', state: 'probing' });
    expect(sut.mutes).toBe(1);
    sut.forget(self);
    expect([[...sut.openBreakers()], sut.mutes]).toEqual([[], 0]);
  });

  it('goes on from memory while Redis is away', async () => {
    const { sut, broken, log, held, clock } = setUp();
    broken.load = true;
    await sut.takeOver(self);
    broken.save = true;
    sut.muted(self, chatOf(send('1')), clock.now() + MINUTE);
    await clock.advanceAsync(0);
    expect(held(send('1'))?.reason).toBe('muted');
    expect(log).toEqual(['no load', 'group:1 muted', 'no save']);
  });
});
