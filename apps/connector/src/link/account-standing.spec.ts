import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_STATES, DEFAULT_POOL, selfId, type AccountStatus } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { AccountStanding, changed, stateOf, type Facts } from './account-standing';

const START: Facts = { connection: 'stopped', login: 'held', hearing: 'usual', wish: 'active' };
/** Everything that can happen to an account. What is learned over a connection needs one that is up. */
const CHANGES: readonly Partial<Facts>[] = [
  ...(['stopped', 'connecting', 'failed', 'up'] as const).map((connection) => ({ connection })),
  ...(['held', 'lost'] as const).map((login) => ({ login })),
  ...(['usual', 'deaf'] as const).map((hearing) => ({ hearing })),
  ...(['active', 'paused', 'draining'] as const).map((wish) => ({ wish })),
];

/** Every step from one state to another that the code can make. */
function arrows(): Set<string> {
  const found = new Set<string>();
  const seen = new Map<string, Facts>([[JSON.stringify(START), START]]);
  for (const facts of seen.values()) {
    for (const change of CHANGES) {
      // A stopped link does nothing until it is started, and starting means connecting.
      if (facts.connection === 'stopped' && change.connection !== undefined && change.connection !== 'connecting')
        continue;
      if (change.hearing === 'deaf' && facts.login === 'lost') continue;
      const next = changed(facts, change);
      if (stateOf(next) !== stateOf(facts)) found.add(`${stateOf(facts)} --> ${stateOf(next)}`);
      if (!seen.has(JSON.stringify(next))) seen.set(JSON.stringify(next), next);
    }
  }
  return found;
}

describe('the states of an account', () => {
  it('are drawn in docs/link.md exactly as the code steps between them', () => {
    const page = readFileSync(join(__dirname, '../../../../docs/link.md'), 'utf8');
    const drawing = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const inner = /state connected \{([\s\S]*?)\}/.exec(drawing)?.[1] ?? '';
    const connected = new Set([...inner.matchAll(/^\s*(\w+) -->/gm)].map(([, from]) => from));
    const drawn = [...drawing.matchAll(/^\s*(\w+) --> (\w+)/gm)].flatMap(([, from, to]) =>
      (from === 'connected' ? [...connected] : [from]).map((state) => `${state} --> ${to}`),
    );
    expect(drawn.sort()).toEqual([...arrows()].sort());
  });

  it('can all be reached', () => {
    const reached = [...arrows()].map((arrow) => arrow.split(' --> ')[1]);
    expect(new Set(reached)).toEqual(new Set(ACCOUNT_STATES));
  });

  it.each([
    [{ connection: 'failed', wish: 'paused' }, 'failed'],
    [{ connection: 'up' }, 'online'],
    [{ connection: 'up', hearing: 'deaf' }, 'deaf'],
    [{ connection: 'up', hearing: 'deaf', wish: 'paused' }, 'paused'],
    [{ connection: 'up', wish: 'draining' }, 'draining'],
    [{ connection: 'up', login: 'lost', wish: 'paused' }, 'offline'],
  ] as const)('follow from the facts: %j is %s', (facts, state) => {
    expect(stateOf({ ...START, ...facts })).toBe(state);
  });

  it('forget what was learned over a connection when it ends', () => {
    const lost = changed({ ...START, connection: 'up' }, { login: 'lost' });
    expect(changed(changed(lost, { connection: 'connecting' }), { connection: 'up' })).toMatchObject({ login: 'held' });
  });
});

describe('AccountStanding', () => {
  it('shows each state with its own reason and with when it began, and says nothing twice', () => {
    const clock = new FakeClock(0);
    const said: AccountStatus[] = [];
    const account = { self: selfId('10001'), pool: DEFAULT_POOL, mode: 'forward' } as const;
    const sut = new AccountStanding(account, clock, (status) => said.push(status));
    const step = (change: Partial<Facts>, reason: string) => {
      clock.advance(1000);
      sut.change(change, reason);
    };
    step({ connection: 'connecting' }, 'dialling');
    step({ wish: 'paused' }, 'paused by anna'); // not up yet: of no consequence now
    step({ connection: 'up' }, 'connected');
    step({ hearing: 'deaf' }, 'silent');
    step({ wish: 'paused' }, 'paused by anna');
    step({ wish: 'active' }, 'resumed');
    step({ hearing: 'usual' }, 'events come again');
    step({ login: 'lost' }, 'kicked');
    step({ login: 'lost' }, 'kicked: signed in elsewhere');
    expect(said.map(({ state, reason, since }) => [state, reason, since])).toEqual([
      ['connecting', 'dialling', 1000],
      ['paused', 'paused by anna', 3000],
      ['deaf', 'silent', 6000],
      ['online', 'events come again', 7000],
      ['offline', 'kicked', 8000],
      ['offline', 'kicked: signed in elsewhere', 8000],
    ]);
  });
});
