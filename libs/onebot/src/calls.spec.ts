import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { Clock } from '@rookery/protocol';
import { Calls, encodeRequest, type CallEnd } from './calls';
import type { Reply } from './frame';

/** Advances by hand; ends when the timers are due. */
class ManualClock implements Clock {
  #time = 0;
  readonly timers = new Set<{ at: number; call: () => void }>();
  now = () => this.#time;
  monotonic = () => this.#time;
  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#time + ms, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }
  advance(ms: number): void {
    this.#time += ms;
    for (const timer of [...this.timers]) {
      if (timer.at > this.#time) continue;
      this.timers.delete(timer);
      timer.call();
    }
  }
}

function make() {
  const clock = new ManualClock();
  return { clock, sut: new Calls({ clock, echoPrefix: 'rk-7f3a' }) };
}

function reply(echo: unknown, over: Partial<Reply> = {}): Reply {
  return { status: 'ok', retcode: 0, data: undefined, message: '', echo, stream: false, ...over };
}

/** Lets the garbage collector take whatever nobody holds. */
async function collected(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Within one turn of the event loop nothing is taken that was looked at in it.
  await new Promise<void>((resolve) => setImmediate(resolve));
  collect();
}

const CALL = { action: 'get_msg', timeoutMs: 1000 };

describe('Calls', () => {
  it('matches replies that come out of order by their echo', async () => {
    const { sut, clock } = make();
    const slow = sut.open(CALL);
    const fast = sut.open(CALL);
    expect(sut.size).toBe(2);
    expect(sut.settle(reply(fast.echo, { data: 'fast' }))).toBe('settled');
    expect(sut.settle(reply(slow.echo, { data: 'slow' }))).toBe('settled');
    expect(await fast.end).toMatchObject({ kind: 'replied', reply: { data: 'fast' } });
    expect(await slow.end).toMatchObject({ kind: 'replied', reply: { data: 'slow' } });
    expect([sut.size, clock.timers.size]).toEqual([0, 0]);
  });

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['a number', 0],
    ['an object', { echo: 'rk-7f3a.0' }],
    ['an array', ['rk-7f3a.0']],
    ['of another process', 'rk-0000.0'],
    ['not given out yet', 'rk-7f3a.5'],
    ['malformed', 'rk-7f3a.0x!'],
    ['without ordinal', 'rk-7f3a.'],
    ['a megabyte long', `rk-7f3a.${'0'.repeat(1_000_000)}`],
  ])('never resolves a call by an echo that is %s', (_case, echo) => {
    const { sut } = make();
    sut.open(CALL);
    expect(sut.settle(reply(echo))).toBe('unknown_echo');
    expect(sut.size).toBe(1);
  });

  it('takes the first of two replies', async () => {
    const { sut } = make();
    const call = sut.open(CALL);
    sut.settle(reply(call.echo, { data: 1 }));
    expect(sut.settle(reply(call.echo, { data: 2 }))).toBe('duplicate');
    expect(await call.end).toMatchObject({ reply: { data: 1 } });
  });

  it('hands a late reply to the caller once, and the last frame of a stream only', async () => {
    const { sut, clock } = make();
    const late: unknown[] = [];
    const call = sut.open({ action: 'download_file_stream', timeoutMs: 1000, onLate: ({ data }) => late.push(data) });
    clock.advance(1000);
    await call.end;
    expect(sut.settle(reply(call.echo, { data: { type: 'stream' } }))).toBe('late');
    expect(sut.settle(reply(call.echo, { data: 1 }))).toBe('late');
    expect(sut.settle(reply(call.echo, { data: 2 }))).toBe('duplicate');
    expect(late).toEqual([1]);
  });

  it('ends a call at its deadline and calls a later reply late', async () => {
    const { sut, clock } = make();
    const call = sut.open(CALL);
    clock.advance(1000);
    expect(await call.end).toEqual({ kind: 'timed_out' });
    expect(sut.settle(reply(call.echo))).toBe('late');
  });

  it('ends a call when its caller gives up, before or after it was opened', async () => {
    const { sut, clock } = make();
    const stop = new AbortController();
    const call = sut.open({ ...CALL, signal: stop.signal });
    stop.abort();
    expect(await call.end).toEqual({ kind: 'timed_out' });
    expect(await sut.open({ ...CALL, signal: stop.signal }).end).toEqual({ kind: 'timed_out' });
    expect([sut.size, clock.timers.size]).toEqual([0, 0]);
  });

  it('ends every call when the account has lost its sockets, and a cancelled one as told', async () => {
    const { sut } = make();
    const cancelled = sut.open(CALL);
    const others = [sut.open(CALL), sut.open(CALL)];
    cancelled.cancel(false);
    sut.closeAll();
    cancelled.cancel(true);
    const ends: CallEnd[] = await Promise.all([cancelled, ...others].map((call) => call.end));
    expect(ends).toEqual([
      { kind: 'closed', written: false },
      { kind: 'closed', written: true },
      { kind: 'closed', written: true },
    ]);
    expect(sut.settle(reply(cancelled.echo))).toBe('late');
  });

  it('remembers a bounded number of calls that got no reply', async () => {
    const { sut, clock } = make();
    const late: string[] = [];
    const calls = Array.from({ length: 1025 }, (_, n) =>
      sut.open({ ...CALL, timeoutMs: 1000, onLate: () => late.push(String(n)) }),
    );
    clock.advance(1000);
    await Promise.all(calls.map(({ end }) => end));
    for (const { echo } of calls.slice(0, 2)) sut.settle(reply(echo));
    expect(late).toEqual(['1']);
  });

  it('lets go of a caller whose call was answered, with what he sent', async () => {
    const { sut } = make();
    let caller: object | undefined = { sent: 'x'.repeat(1000) };
    const held = new WeakRef(caller);
    const open = (by: object) => sut.open({ ...CALL, onLate: () => void by });
    const { echo, end } = open(caller);
    sut.settle(reply(echo));
    await end;
    caller = undefined;
    await collected();
    expect(held.deref()).toBeUndefined();
  });

  it('waits for the last frame of a stream, hands out the parts, and starts the limit anew with each', async () => {
    const { sut, clock } = make();
    const parts: unknown[] = [];
    const call = sut.open({ action: 'download_file_stream', timeoutMs: 1000, onPart: (part) => parts.push(part.data) });
    const info = { type: 'stream', data_type: 'file_info' };
    clock.advance(900);
    expect(sut.settle(reply(call.echo, { data: info, stream: true }))).toBe('settled');
    clock.advance(900);
    expect(sut.settle(reply(call.echo, { data: { type: 'response' }, stream: true }))).toBe('settled');
    expect(await call.end).toMatchObject({ reply: { data: { type: 'response' } } });
    expect(parts).toEqual([info]);
  });

  it.each<[string, Partial<Reply>]>([
    ['a failure', { status: 'failed', retcode: 1200, data: { type: 'error', data_type: 'error' } }],
    ['no data', { data: undefined }],
  ])('ends a stream with %s', async (_case, over) => {
    const { sut } = make();
    const call = sut.open({ action: 'test_download_stream', timeoutMs: 1000 });
    sut.settle(reply(call.echo, over));
    expect((await call.end).kind).toBe('replied');
  });

  it('gives up a stream whose parts stop coming, also when nobody wants the parts', async () => {
    const { sut, clock } = make();
    const call = sut.open({ action: 'test_download_stream', timeoutMs: 1000 });
    sut.settle(reply(call.echo, { data: { type: 'stream' } }));
    clock.advance(1000);
    expect(await call.end).toEqual({ kind: 'timed_out' });
  });

  it('takes each answer to a chunk of upload_file_stream for a whole reply', async () => {
    const { sut } = make();
    const call = sut.open({ action: 'upload_file_stream', timeoutMs: 1000 });
    sut.settle(reply(call.echo, { data: { type: 'stream', status: 'chunk_received' }, stream: true }));
    expect((await call.end).kind).toBe('replied');
  });
});

describe('encodeRequest', () => {
  it('writes strict JSON on which the parser of NapCat does not stumble', () => {
    const text = encodeRequest('send_msg', { message: [{ type: 'text', data: { text: 'a\u2028b\u2029"\n' } }] }, 'e.1');
    expect(text).not.toMatch(/[\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual({
      action: 'send_msg',
      params: { message: [{ type: 'text', data: { text: 'a\u2028b\u2029"\n' } }] },
      echo: 'e.1',
    });
  });

  it.each<[string, () => unknown]>([
    ['a BigInt', () => 5n],
    [
      'a circle',
      () => {
        const circle: Record<string, unknown> = {};
        circle['self'] = circle;
        return circle;
      },
    ],
    [
      '100,000 levels',
      () => {
        let deep: unknown[] = [];
        for (let i = 0; i < 100_000; i++) deep = [deep];
        return deep;
      },
    ],
  ])('refuses %s by name of the action', (_case, value) => {
    expect(() => encodeRequest('send_msg', { value: value() }, 'e')).toThrow(
      expect.objectContaining({ code: 'ACTION_INVALID', message: expect.stringContaining('send_msg') }),
    );
  });
});
