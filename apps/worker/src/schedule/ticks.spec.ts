import { describe, expect, it } from '@jest/globals';
import { nodeId, poolName, readEnvelope, selfId, type AccountState, type Envelope } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Ticks } from './ticks';

const account = (self: string, pool: string, state: AccountState) => ({
  self: selfId(self),
  pool: poolName(pool),
  state,
});

function setUp() {
  const published: Envelope[] = [];
  const senderless: string[] = [];
  const sut = new Ticks({
    accounts: async () => [
      account('10003', 'news', 'online'),
      account('10002', 'news', 'offline'),
      account('10001', 'default', 'offline'),
    ],
    publish: async ({ json }) => void published.push(readEnvelope(Buffer.from(json))),
    partitions: 4,
    node: nodeId('worker-1'),
    clock: new FakeClock(),
  });
  sut.on('senderless', (id, sender) => senderless.push(`${id} ${sender}`));
  return { sut, published, senderless };
}

describe('Ticks', () => {
  it.each([
    ['pool:news', '10003:news'],
    ['pool:default', '10001:default'],
    ['account:10002', '10002:news'],
    ['pool:none', undefined],
    ['account:404', undefined],
  ])('lets %s be %s', async (sender, expected) => {
    const { sut, senderless } = setUp();
    expect(await sut.sender({ id: 'dice.roll', sender })).toBe(expected);
    expect(senderless).toEqual(expected === undefined ? [`dice.roll ${sender}`] : []);
  });

  it('makes the same event of the same tick, in the conversation of the account', async () => {
    const { sut, published } = setUp();
    const tick = { id: 'dice.roll', at: 60_000, sender: 'pool:news', prepared: '10003:news' };
    await sut.handOn(tick);
    await sut.handOn(tick);
    const [first, second] = published;
    expect(first?.events).toEqual([
      expect.objectContaining({
        id: 't.dice.roll.60000',
        type: 'schedule',
        kind: 'dice.roll',
        tick: 60_000,
        self: '10003',
        pool: 'news',
        conversation: 'account:10003',
      }),
    ]);
    expect(second?.events).toEqual(first?.events);
    expect(second?.seq).not.toBe(first?.seq);
  });
});
