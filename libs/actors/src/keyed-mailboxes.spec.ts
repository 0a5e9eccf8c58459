import { describe, expect, it } from '@jest/globals';
import { KeyedMailboxes } from './keyed-mailboxes';
import type { Standing } from './mailbox';

interface Message {
  readonly key: string;
  readonly n: number;
}

/** Handlers start and wait until the test lets them go on. */
function gated(limits = { perKey: 100, total: 1000 }) {
  const started: string[] = [];
  const gates: { name: string; open: () => void; fail: (thrown: unknown) => void }[] = [];
  const sut = new KeyedMailboxes<string, Message>({
    ...limits,
    handle: ({ key, n }) => {
      started.push(`${key}${n}`);
      return new Promise<void>((open, fail) => gates.push({ name: `${key}${n}`, open, fail }));
    },
  });
  const gate = (name: string) => {
    const found = gates.find((entry) => entry.name === name);
    if (!found) throw new Error(`${name} has not started`);
    return found;
  };
  return {
    sut,
    started,
    gate,
    offer: (key: string, n: number, standing?: Standing) => sut.offer(key, { key, n }, standing),
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('KeyedMailboxes', () => {
  it('handles one message of a key at a time, in the order of the offers', async () => {
    const { started, gate, offer } = gated();
    for (const n of [1, 2, 3]) offer('a', n);
    await turn();
    expect(started).toEqual(['a1']);
    gate('a1').open();
    await turn();
    expect(started).toEqual(['a1', 'a2']);
    gate('a2').open();
    await turn();
    expect(started).toEqual(['a1', 'a2', 'a3']);
  });

  it('lets a message that overtakes go before what yields, and before nothing else', async () => {
    const { started, gate, offer } = gated();
    offer('a', 1);
    await turn();
    offer('a', 2, { yields: true });
    offer('a', 3);
    offer('a', 4, { yields: true });
    offer('a', 5, { yields: true });
    offer('a', 6, { overtakes: true });
    offer('a', 7, { overtakes: true });
    for (const name of ['a1', 'a2', 'a3', 'a6', 'a7', 'a4']) {
      gate(name).open();
      await turn();
    }
    expect(started).toEqual(['a1', 'a2', 'a3', 'a6', 'a7', 'a4', 'a5']);
  });

  it('lets a message go before those that wait with a higher place, and past nothing that has none', async () => {
    const { started, gate, offer } = gated();
    offer('a', 1);
    await turn();
    offer('a', 5, { place: 5 });
    offer('a', 2);
    offer('a', 6, { place: 6 });
    offer('a', 7, { place: 7 });
    offer('a', 4, { place: 4 });
    offer('a', 6, { place: 6 });
    for (const name of ['a1', 'a5', 'a2', 'a4']) {
      gate(name).open();
      await turn();
    }
    expect(started).toEqual(['a1', 'a5', 'a2', 'a4', 'a6']);
  });

  it('lets what comes while the next message is not ready go before it', async () => {
    const handled: number[] = [];
    const opens: (() => void)[] = [];
    const late = new Promise<void>((open) => opens.push(open));
    const sut = new KeyedMailboxes<string, number>({
      perKey: 10,
      total: 10,
      handle: (message) => handled.push(message),
      ready: (message) => (message === 3 ? late : undefined),
    });
    sut.offer('a', 3, { place: 3 });
    await turn();
    sut.offer('a', 4, { place: 4 });
    sut.offer('a', 2, { place: 2 });
    await turn();
    expect([handled, sut.messages]).toEqual([[], 3]);
    for (const open of opens) open();
    await sut.drain();
    expect(handled).toEqual([2, 3, 4]);
  });

  it('does not let a message that hangs delay another key', async () => {
    const { started, offer } = gated();
    offer('a', 1);
    offer('a', 2);
    offer('b', 1);
    await turn();
    expect(started).toEqual(['a1', 'b1']);
  });

  it('does not run the handler inside the offer', async () => {
    const { started, offer } = gated();
    offer('a', 1);
    expect(started).toEqual([]);
    await turn();
    expect(started).toEqual(['a1']);
  });

  it.each([
    ['an Error', new Error('broken')],
    ['undefined', undefined],
    ['a string', 'broken'],
  ])('goes on after a handler threw %s, and says so', async (_name, thrown) => {
    const { sut, started, gate, offer } = gated();
    const failures: unknown[] = [];
    sut.on('failed', (key, what, message) => failures.push([key, what, message.n]));
    offer('a', 1);
    offer('a', 2);
    await turn();
    gate('a1').fail(thrown);
    await turn();
    expect(started).toEqual(['a1', 'a2']);
    expect(failures).toEqual([['a', thrown, 1]]);
  });

  it('goes on after a handler threw synchronously', async () => {
    const seen: number[] = [];
    const failures: unknown[] = [];
    const sut = new KeyedMailboxes<string, number>({
      perKey: 10,
      total: 10,
      handle: (n) => {
        seen.push(n);
        if (n === 1) throw new Error('at once');
      },
    });
    sut.on('failed', (_key, thrown) => failures.push(thrown));
    sut.offer('a', 1);
    sut.offer('a', 2);
    await sut.drain();
    expect([seen, failures.length]).toEqual([[1, 2], 1]);
  });

  it('refuses what exceeds the share of a key, counting the running message, and takes again after one has ended', async () => {
    const { gate, offer } = gated({ perKey: 2, total: 10 });
    expect([offer('a', 1), offer('a', 2), offer('a', 3), offer('b', 1)]).toEqual([
      'accepted',
      'accepted',
      'full',
      'accepted',
    ]);
    await turn();
    expect(offer('a', 3)).toBe('full');
    gate('a1').open();
    await turn();
    expect([offer('a', 3), offer('a', 4)]).toEqual(['accepted', 'full']);
  });

  it('refuses what exceeds the total of all keys, and makes no mailbox for it', async () => {
    const { sut, gate, offer } = gated({ perKey: 2, total: 3 });
    expect([offer('a', 1), offer('b', 1), offer('c', 1), offer('d', 1)]).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'full',
    ]);
    expect(sut.size).toBe(3);
    await turn();
    gate('b1').open();
    await turn();
    expect(offer('d', 1)).toBe('accepted');
  });

  it('keeps no mailbox of an idle key', async () => {
    const sut = new KeyedMailboxes<number, number>({ perKey: 10, total: 10_000, handle: () => undefined });
    for (let key = 0; key < 1000; key++) sut.offer(key, key);
    expect(sut.size).toBe(1000);
    await sut.drain();
    expect(sut.size).toBe(0);
  });

  it('drains when the last message has ended, those included that came meanwhile', async () => {
    const { sut, gate, offer } = gated();
    await sut.drain();
    offer('a', 1);
    let drained = false;
    const waiting = sut.drain().then(() => (drained = true));
    await turn();
    offer('b', 1);
    gate('a1').open();
    await turn();
    expect(drained).toBe(false);
    gate('b1').open();
    await waiting;
    expect(sut.size).toBe(0);
  });

  it('keeps the order of every key when 50 keys are fed in turn', async () => {
    const seen = new Map<number, number[]>();
    const sut = new KeyedMailboxes<number, readonly [number, number]>({
      perKey: 100,
      total: 5000,
      handle: async ([key, n]) => {
        if ((key + n) % 3 === 0) await turn();
        seen.set(key, [...(seen.get(key) ?? []), n]);
      },
    });
    for (let n = 0; n < 40; n++) for (let key = 0; key < 50; key++) sut.offer(key, [key, n]);
    await sut.drain();
    expect(seen.size).toBe(50);
    for (const order of seen.values()) expect(order).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });
});
