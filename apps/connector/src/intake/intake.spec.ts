import { describe, expect, it } from '@jest/globals';
import { decodeFrame, type EventFrame } from '@rookery/onebot';
import { DEFAULT_POOL, nodeId, readEnvelope, selfId, type Envelope, type Event } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Intake } from './intake';

const self = selfId('10001');
function frame(fields: Record<string, unknown>): EventFrame {
  const decoded = decodeFrame(JSON.stringify({ time: 1_786_700_000, self_id: 10001, post_type: 'notice', ...fields }));
  if (decoded.kind !== 'event') throw new Error('the test frame is no event');
  return decoded.frame;
}
const poke = frame({ notice_type: 'notify', sub_type: 'poke', user_id: 7, target_id: 10001, group_id: 70 });

function setUp(capacity = 4) {
  const held: (() => void)[] = [];
  const envelopes: Envelope[] = [];
  const sut = new Intake({
    partitions: 32,
    node: nodeId('c-1'),
    clock: new FakeClock(Date.UTC(2026, 10, 23)),
    capacity,
    sink: {
      publish: (envelope) => {
        envelopes.push(readEnvelope(Buffer.from(envelope.json)));
        return new Promise<void>((resolve) => held.push(resolve));
      },
    },
  });
  const seen: string[] = [];
  const accepted: Event[] = [];
  sut.on('accepted', (event) => accepted.push(event));
  sut.on('full', () => seen.push('full'));
  sut.on('drained', () => seen.push('drained'));
  return { sut, held, envelopes, seen, accepted };
}
const socket = { connection: {} };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Intake', () => {
  it('keeps two equal pokes of one second as two events', () => {
    const { sut, accepted } = setUp();
    sut.accept(self, DEFAULT_POOL, poke, socket);
    sut.accept(self, DEFAULT_POOL, poke, socket);
    expect(accepted).toHaveLength(2);
    expect(accepted[0]?.id).not.toBe(accepted[1]?.id);
  });

  it.each([
    ['two connectors', () => [setUp(), setUp()] as const],
    [
      'one connector',
      () => {
        const one = setUp();
        return [one, one] as const;
      },
    ],
  ])('gives equal copies over two sockets of %s the same id, and two real pokes different ones', (_where, make) => {
    const [first, second] = make();
    const [left, right] = [{ connection: {} }, { connection: {} }];
    const idOf = (node: ReturnType<typeof setUp>, from: typeof left) => {
      node.sut.accept(self, DEFAULT_POOL, poke, from);
      return node.accepted.at(-1)?.id;
    };
    const [a1, b1, a2, b2] = [idOf(first, left), idOf(second, right), idOf(first, left), idOf(second, right)];
    expect([b1, b2]).toEqual([a1, a2]);
    expect(a1).not.toBe(a2);
  });

  it('marks what was read from history, with the id that the live message has', () => {
    const { sut, accepted } = setUp();
    const said = frame({
      post_type: 'message',
      message_type: 'group',
      group_id: 70,
      user_id: 7,
      message: [],
      real_seq: '12',
    });
    sut.accept(self, DEFAULT_POOL, said, socket);
    sut.accept(self, DEFAULT_POOL, said, { ...socket, filled: true });
    expect(accepted.map(({ filled }) => filled)).toEqual([undefined, true]);
    expect(accepted[0]?.id).toBe(accepted[1]?.id);
  });

  it('reports an event of another account and does not publish it', async () => {
    const { sut, envelopes } = setUp();
    const rejected: string[] = [];
    sut.on('rejected', (_self, reason) => rejected.push(reason));
    sut.accept(self, DEFAULT_POOL, frame({ self_id: 99_999, notice_type: 'friend_add', user_id: 7 }), socket);
    await turn();
    expect({ rejected, envelopes, size: sut.size }).toEqual({ rejected: ['self_id'], envelopes: [], size: 0 });
  });

  it('asks to pause reading when full and to go on at half, once each', async () => {
    const { sut, held, seen } = setUp(4);
    for (let n = 0; n < 6; n++) sut.accept(self, DEFAULT_POOL, poke, socket);
    expect(seen).toEqual(['full']);
    await turn();
    for (const release of held.splice(0)) release();
    await turn();
    for (const release of held.splice(0)) release();
    await turn();
    expect(seen).toEqual(['full', 'drained']);
    expect(sut.size).toBe(0);
  });

  it('puts all events of one conversation into one partition', async () => {
    const { sut, envelopes, held } = setUp(100);
    for (let n = 0; n < 5; n++) sut.accept(self, DEFAULT_POOL, poke, socket);
    await turn();
    for (const release of held.splice(0)) release();
    await sut.flushed();
    expect(new Set(envelopes.map((envelope) => envelope.partition)).size).toBe(1);
  });

  it('holds few events up for nothing, however many partitions they are of, and lets many be gathered', async () => {
    const { sut, envelopes, held } = setUp(1_000);
    const arrive = (from: number, count: number) => {
      for (let user = from; user < from + count; user++)
        sut.accept(self, DEFAULT_POOL, frame({ notice_type: 'friend_add', user_id: user }), socket);
    };
    arrive(1, 60);
    await turn();
    const first = envelopes.length;
    expect(first).toBeGreaterThan(8);
    for (const release of held.splice(0)) release();
    await sut.flushed();
    arrive(1_000, 600);
    await turn();
    expect(envelopes.length - first).toBe(4);
  });
});
