import { describe, expect, it } from '@jest/globals';
import {
  accountConversation,
  DEFAULT_POOL,
  ENVELOPE_MAX_BYTES,
  ENVELOPE_MAX_EVENTS,
  eventId,
  nodeId,
  readEnvelope,
  selfId,
  SpareBytes,
  type Envelope,
  type Event,
  type WrittenEnvelope,
} from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { PartitionBuffer } from './partition-buffer';
import { Slots } from './slots';

const self = selfId('10001');
/** `bytes`: about so many as JSON. */
const event = (n: number, bytes = 0): Event => ({
  type: 'meta',
  kind: 'heartbeat',
  online: true,
  intervalMs: 30_000,
  id: eventId(`e${n}`),
  self,
  pool: DEFAULT_POOL,
  conversation: accountConversation(self),
  time: n,
  receivedAt: n,
  ...(bytes > 0 && { raw: { padding: '图'.repeat(bytes / 3) } }),
});

/** A sink whose calls end when the test says so. */
function heldSink() {
  const calls: { envelope: Envelope; written: WrittenEnvelope; ok: () => void; fail: () => void }[] = [];
  return {
    calls,
    publish: (written: WrittenEnvelope) =>
      new Promise<void>((resolve, reject) =>
        calls.push({
          envelope: readEnvelope(Buffer.from(written.json)),
          written,
          ok: resolve,
          fail: () => reject(new Error('Command timed out')),
        }),
      ),
  };
}

function setUp({ slots = new Slots(1, () => false), partition = 5, sink = heldSink() } = {}) {
  const clock = new FakeClock();
  const failures: string[] = [];
  const sut = new PartitionBuffer({
    partition,
    slots,
    spare: new SpareBytes(),
    node: nodeId('c-1'),
    sink,
    clock,
    onPublished: () => undefined,
    onFailure: (error) => failures.push(error.message),
  });
  return { clock, sink, failures, sut };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const ids = (envelope: Envelope | undefined) => envelope?.events.map((e) => e.id);

describe('PartitionBuffer', () => {
  it('sends a lone event at once, without waiting for company', async () => {
    const { sut, sink } = setUp();
    sut.add(event(1));
    await turn();
    expect(sink.calls[0]?.envelope).toMatchObject({ v: 2, partition: 5, node: 'c-1', seq: 1 });
    expect(ids(sink.calls[0]?.envelope)).toEqual(['e1']);
  });

  it('gathers what arrives while an envelope is on its way, and sends it as one', async () => {
    const { sut, sink } = setUp();
    sut.add(event(1));
    await turn();
    for (let n = 2; n <= 10; n++) sut.add(event(n));
    await turn();
    expect(sink.calls).toHaveLength(1);
    expect(sut.size).toBe(10);
    sink.calls[0]?.ok();
    await turn();
    expect(sink.calls).toHaveLength(2);
    expect(sink.calls[1]?.envelope.seq).toBe(2);
    expect(ids(sink.calls[1]?.envelope)).toEqual(['e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9', 'e10']);
    expect(sut.size).toBe(9);
  });

  it('keeps the events of one read together', async () => {
    const { sut, sink } = setUp();
    for (let n = 1; n <= 3; n++) sut.add(event(n));
    await turn();
    expect(ids(sink.calls[0]?.envelope)).toEqual(['e1', 'e2', 'e3']);
  });

  it('limits an envelope by number', async () => {
    const { sut, sink } = setUp();
    for (let n = 1; n <= ENVELOPE_MAX_EVENTS + 1; n++) sut.add(event(n));
    await turn();
    expect(sink.calls[0]?.envelope.events).toHaveLength(ENVELOPE_MAX_EVENTS);
  });

  it('limits an envelope by bytes, and lets a larger frame travel alone', async () => {
    const { sut, sink } = setUp();
    sut.add(event(1, ENVELOPE_MAX_BYTES * 2));
    sut.add(event(2, ENVELOPE_MAX_BYTES * 0.6));
    sut.add(event(3, ENVELOPE_MAX_BYTES * 0.3));
    sut.add(event(4, ENVELOPE_MAX_BYTES * 0.3));
    await turn();
    sink.calls[0]?.ok();
    await turn();
    sink.calls[1]?.ok();
    await turn();
    expect(sink.calls.map((call) => ids(call.envelope))).toEqual([['e1'], ['e2', 'e3'], ['e4']]);
  });

  it('repeats an unacknowledged envelope under the same id until it is taken, and keeps the order', async () => {
    const { sut, sink, clock, failures } = setUp();
    sut.add(event(1));
    await turn();
    sink.calls[0]?.fail();
    await turn();
    sut.add(event(2));
    await clock.advanceAsync(200);
    expect(sink.calls).toHaveLength(2);
    expect(sink.calls[1]?.written).toBe(sink.calls[0]?.written);
    sink.calls[1]?.fail();
    await clock.advanceAsync(400);
    sink.calls[2]?.ok();
    await turn();
    expect(ids(sink.calls[3]?.envelope)).toEqual(['e2']);
    expect(failures).toEqual(['Command timed out', 'Command timed out']);
  });

  it('gathers while as many of other partitions as may are on their way, and takes its turn', async () => {
    const slots = new Slots(2, () => false);
    const sink = heldSink();
    const [one, two, three] = [1, 2, 3].map((partition) => setUp({ slots, partition, sink }).sut);
    one?.add(event(1));
    two?.add(event(2));
    three?.add(event(3));
    await turn();
    three?.add(event(4));
    one?.add(event(5));
    await turn();
    expect(sink.calls.map(({ envelope }) => ids(envelope))).toEqual([['e1'], ['e2']]);
    sink.calls[1]?.ok();
    await turn();
    expect(ids(sink.calls[2]?.envelope)).toEqual(['e3', 'e4']);
    sink.calls[0]?.ok();
    await turn();
    expect(ids(sink.calls[3]?.envelope)).toEqual(['e5']);
  });

  it('does not keep others waiting while its own Redis fails', async () => {
    const slots = new Slots(1, () => false);
    const sink = heldSink();
    const [broken, other] = [1, 2].map((partition) => setUp({ slots, partition, sink }));
    broken?.sut.add(event(1));
    await turn();
    sink.calls[0]?.fail();
    other?.sut.add(event(2));
    await turn();
    await broken?.clock.advanceAsync(200);
    // The repeated one needs no slot: it is tried although the only one is in use.
    expect(sink.calls.map(({ envelope }) => ids(envelope))).toEqual([['e1'], ['e2'], ['e1']]);
    sink.calls[1]?.ok();
    await turn();
    other?.sut.add(event(3));
    await turn();
    expect(ids(sink.calls[3]?.envelope)).toEqual(['e3']);
  });

  it('is flushed when everything is acknowledged', async () => {
    const { sut, sink, clock } = setUp();
    sut.add(event(1));
    await turn();
    let flushed = false;
    void sut.flushed().then(() => (flushed = true));
    await turn();
    expect(flushed).toBe(false);
    sink.calls[0]?.ok();
    await turn();
    expect({ flushed, size: sut.size, timers: clock.pending }).toEqual({ flushed: true, size: 0, timers: 0 });
  });
});
