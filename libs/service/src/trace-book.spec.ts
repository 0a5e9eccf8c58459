import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventId, nodeId, selfId } from '@rookery/protocol';
import type { TraceRecord } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { TraceBook } from './trace-book';

const self = selfId('10001');
const [e1, e2, e3] = ['e1', 'e2', 'e3'].map(eventId) as [
  ReturnType<typeof eventId>,
  ReturnType<typeof eventId>,
  ReturnType<typeof eventId>,
];
const step = (stage: 'read' | 'settled') => ({ at: 1, stage, what: 'x' }) as const;

let clock: FakeClock;
let written: TraceRecord[][];
let failing: boolean;
let troubles: string[];

beforeEach(() => {
  clock = new FakeClock();
  written = [];
  failing = false;
  troubles = [];
});

const make = (perSecond: number) =>
  new TraceBook({
    node: nodeId('worker-1'),
    clock,
    perSecond,
    append: async (records) => {
      if (failing) throw new Error('away');
      written.push([...records]);
    },
    onTrouble: ({ message }) => void troubles.push(message),
  });

describe('TraceBook', () => {
  it('writes all of a second in one call', async () => {
    const sut = make(10);
    for (const event of [e1, e2]) {
      sut.begin(event, self, [step('read')]);
      sut.end(event, step('settled'));
    }
    expect(written).toEqual([]);
    clock.advance(1_000);
    expect(written).toHaveLength(1);
    expect(written[0]?.map(({ event, steps }) => [event, steps.length])).toEqual([
      [e1, 2],
      [e2, 2],
    ]);
  });

  it('leaves out what is over the budget of the second, and begins anew with the next', () => {
    const sut = make(1);
    sut.tell(e1, self, []);
    sut.tell(e2, self, []);
    clock.advance(1_000);
    sut.tell(e3, self, []);
    clock.advance(1_000);
    expect(written.flat().map(({ event }) => event)).toEqual([e1, e3]);
  });

  it('keeps half of the budget for events that somebody wants', () => {
    const sut = make(2);
    for (const event of [e1, e2]) if (sut.isIdle) sut.tell(event, self, []);
    sut.tell(e3, self, []);
    clock.advance(1_000);
    expect(written.flat().map(({ event }) => event)).toEqual([e1, e3]);
  });

  it('says that Redis did not take the records, and goes on', async () => {
    const sut = make(5);
    failing = true;
    sut.tell(e1, self, []);
    await sut.flush();
    failing = false;
    sut.tell(e2, self, []);
    await sut.flush();
    expect(troubles).toEqual(['away']);
    expect(written.flat().map(({ event }) => event)).toEqual([e2]);
    expect(clock.pending).toBe(0);
  });

  it('keeps what was begun within its budget, also when it ends in a second that is full, and begins nothing over it', () => {
    const sut = make(1);
    sut.begin(e1, self, [step('read')]);
    sut.begin(e2, self, [step('read')]);
    expect([sut.hasRoom, sut.isOpen(e1), sut.isOpen(e2)]).toEqual([false, true, false]);
    clock.advance(1_000);
    sut.tell(e3, self, []);
    sut.end(e1, step('settled'));
    sut.end(e2, step('settled'));
    clock.advance(1_000);
    expect(written.flat().map(({ event }) => event)).toEqual([e3, e1]);
    expect(clock.pending).toBe(0);
  });

  it('knows nothing of events that were not begun here', async () => {
    const sut = make(5);
    sut.add(e1, step('read'));
    sut.end(e1, step('settled'));
    await sut.flush();
    expect(written).toEqual([]);
  });
});
