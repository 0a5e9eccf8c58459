import { describe, expect, it } from '@jest/globals';
import { actionId, selfId, type Action } from '@rookery/protocol';
import type { Admitted } from '@rookery/redis';
import { Shuts } from './shuts';

const send = (group: string, createdAt: number): Action => ({
  v: 1,
  id: actionId(`a${group}`),
  self: selfId('10001'),
  name: 'send_group_msg',
  params: { group_id: group },
  lane: 'normal',
  createdAt,
  expiresAt: createdAt + 60_000,
  origin: { plugin: 'test' },
});
const admitted = (fields: Partial<Admitted>): Admitted => ({
  kind: 'now',
  now: 10_000,
  nextMs: 0,
  nextBy: 'gap',
  chatMs: 0,
  ...fields,
});

function setUp() {
  const sut = new Shuts();
  const told: string[] = [];
  const find = (now: number, action: Action) =>
    sut.found(now, action, 'normal', (_action, layer, ms) => told.push(`${layer} ${ms}`));
  return { sut, told, find };
}

describe('Shuts', () => {
  it('tells the whole shut of what waited before it began, and once', () => {
    const { sut, told, find } = setUp();
    sut.admitted(admitted({ nextMs: 1_500, nextBy: 'account' }), send('1', 0), 'normal');
    find(11_600, send('2', 3_000));
    find(11_700, send('3', 3_000));
    expect(told).toEqual(['account 1500']);
  });

  it('counts only from its arrival what came meanwhile, and nothing of what came after', () => {
    const { sut, told, find } = setUp();
    sut.admitted(admitted({ nextMs: 1_500 }), send('1', 0), 'normal');
    find(11_500, send('2', 11_000));
    sut.admitted(admitted({ now: 20_000, nextMs: 1_500 }), send('1', 0), 'normal');
    find(30_000, send('2', 29_000));
    expect(told).toEqual(['gap 500']);
  });

  it('counts only until it was opened early', () => {
    const { sut, told, find } = setUp();
    sut.admitted(admitted({ nextMs: 60_000, nextBy: 'account' }), send('1', 0), 'normal');
    find(12_000, send('2', 0));
    expect(told).toEqual(['account 2000']);
  });

  it('tells of a chat only what waited in that chat and lane', () => {
    const { sut, told, find } = setUp();
    sut.admitted(admitted({ chatMs: 2_000 }), send('1', 0), 'normal');
    find(12_000, send('2', 0));
    sut.found(12_000, send('1', 0), 'bulk', (_action, layer, ms) => told.push(`${layer} ${ms} in bulk`));
    expect(told).toEqual([]);
    find(12_000, send('1', 0));
    expect(told).toEqual(['conversation 2000']);
  });

  it('forgets the chat that was shut longest ago when there are too many', () => {
    const { sut, told, find } = setUp();
    for (let n = 0; n < 501; n++) sut.admitted(admitted({ chatMs: 2_000 }), send(String(n), 0), 'normal');
    find(12_000, send('0', 0));
    find(12_000, send('1', 0));
    expect(told).toEqual(['conversation 2000']);
  });

  it('tells of quiet hours once, from when they were first met, and not of replies, which leave', () => {
    const { sut, told, find } = setUp();
    sut.quiet(10_000, 70_000);
    sut.quiet(40_000, 70_000);
    sut.found(50_000, send('1', 20_000), 'interactive', (_action, layer) => told.push(layer));
    find(75_000, send('2', 20_000));
    find(75_100, send('3', 20_000));
    expect(told).toEqual(['quiet_hours 50000']);
  });

  it('forgets quiet hours in which nothing waited when the next ones come', () => {
    const { sut, told, find } = setUp();
    sut.quiet(10_000, 70_000);
    sut.quiet(90_000, 99_000);
    find(100_000, send('1', 0));
    expect(told).toEqual(['quiet_hours 9000']);
  });
});
