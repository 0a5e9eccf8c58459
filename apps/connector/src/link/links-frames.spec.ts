import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId } from '@rookery/protocol';
import { eventually, FakeClock, ScriptedNapcat, type ScriptedPeer } from '@rookery/testing';
import { LINK_LIMITS, type LinkLimits } from './limits';
import { Links } from './links';

const SELF = selfId('10001');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** One forward account, online on a scripted NapCat. */
async function online(limits: Partial<LinkLimits> = {}) {
  const clock = new FakeClock();
  const links = new Links({ clock, random: () => 0.5, limits });
  const events: unknown[] = [];
  const rejected: [string, string][] = [];
  const faults: string[] = [];
  const reconnects: string[] = [];
  links.on('event', (_self, frame) => events.push(frame['text'] ?? frame['meta_event_type']));
  links.on('rejected', (_self, problem, sample) => rejected.push([problem, sample]));
  links.on('fault', (_self, error) => faults.push(error.message));
  links.on('reconnecting', (_self, reason) => reconnects.push(reason));
  const server = await ScriptedNapcat.start('10001');
  ends.push(async () => {
    await links.close();
    await server.close();
    expect(clock.pending).toBe(0);
  });
  server.onPeer = (peer) => peer.lifecycle();
  links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
  const state = (wanted: string) => eventually(wanted, () => links.status(SELF)?.state === wanted);
  await state('online');
  const peer = await server.peer(0);
  /** Resolves when everything that the peer has sent before was handled. */
  let marks = 0;
  const handled = async (from: ScriptedPeer = peer) => {
    const mark = `mark ${marks++}`;
    from.event({ post_type: 'message', text: mark });
    await eventually(mark, () => events.includes(mark));
  };
  const call = (action: string, timeoutMs = 60_000) => links.call(SELF, action, {}, { timeoutMs });
  return { clock, links, peer, server, events, rejected, faults, reconnects, state, handled, call };
}

describe('Links: event frames', () => {
  it('hands up every event in the order of arrival, meta events included, with its size', async () => {
    const { links, peer, events, handled } = await online();
    const sizes: number[] = [];
    links.on('event', (_self, _frame, bytes) => sizes.push(bytes));
    const text = JSON.stringify({ self_id: 10001, post_type: 'message', text: '早上好' });
    peer.send(text);
    peer.send(Buffer.from(`\ufeff${JSON.stringify({ self_id: '10001', post_type: 'x', text: 'binary, with BOM' })}`));
    peer.heartbeat(true);
    await handled();
    expect(events).toEqual(['lifecycle', '早上好', 'binary, with BOM', 'heartbeat', 'mark 0']);
    expect(sizes[0]).toBe(Buffer.byteLength(text));
  });

  it('takes 500 frames in one burst as well as one at a time', async () => {
    const { peer, events, handled } = await online();
    for (let i = 0; i < 500; i++) peer.event({ post_type: 'message', text: `m${i}` });
    await handled();
    expect(events.slice(1, 501)).toEqual(Array.from({ length: 500 }, (_, i) => `m${i}`));
  });

  it.each([10099, '10099', undefined, -10001, 'x'])('never lets an event with self_id %j through', async (self) => {
    const { peer, events, rejected, handled, links } = await online();
    peer.send({ self_id: self, post_type: 'message', text: 'foreign' });
    peer.send({ self_id: self, post_type: 'meta_event', meta_event_type: 'heartbeat', status: { online: false } });
    await handled();
    expect(events).toEqual(['lifecycle', 'mark 0']);
    expect(rejected.map(([problem]) => problem)).toEqual(['self_id', 'self_id']);
    expect(links.status(SELF)?.state).toBe('online');
  });

  it('ends a connection that turns into another account’s', async () => {
    const { peer, state, reconnects } = await online();
    peer.lifecycle({ self_id: 10099 });
    await state('failed');
    expect(reconnects).toEqual(['wrong_account']);
  });

  it.each([
    ['hello', 'json'],
    ['', 'json'],
    ['{a: 1}', 'json'],
    ['{"a":NaN}', 'json'],
    ['null', 'shape'],
    ['42', 'shape'],
    ['"x"', 'shape'],
    ['[]', 'shape'],
    ['{}', 'shape'],
    [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'depth'],
    [JSON.stringify({ self_id: 10001, post_type: 'message', message: Array(501).fill({}) }), 'segments'],
    [Buffer.from([0xff, 0xfe, 0x7b]), 'utf8'],
  ])('counts the frame %.40j as %s and goes on', async (frame, problem) => {
    const { peer, rejected, handled, links } = await online();
    peer.send(frame);
    await handled();
    expect(rejected.map(([reason]) => reason)).toEqual([problem]);
    expect(links.status(SELF)?.state).toBe('online');
  });

  it('closes with 1008 after more than 100 bad frames in 10 s, and comes back late', async () => {
    const { clock, peer, rejected, handled, reconnects, state } = await online();
    for (let i = 0; i < 60; i++) peer.send('bad');
    await handled();
    clock.advance(10_000);
    for (let i = 0; i < 100; i++) peer.send('bad');
    await handled();
    expect(reconnects).toEqual([]);
    peer.send('one too many');
    peer.send('not even looked at');
    await state('failed');
    await eventually('the close', () => peer.closed !== undefined);
    expect([peer.closed?.[0], reconnects, rejected.length]).toEqual([1008, ['bad_frames'], 161]);
  });

  it('reports a listener that throws and goes on with the next frame', async () => {
    const { links, peer, faults, handled } = await online();
    links.prependListener('event', (_self, frame) => {
      if (frame['text'] === 'poison') throw new Error('a fault of ours');
    });
    peer.event({ post_type: 'message', text: 'poison' });
    await handled();
    expect(faults).toEqual(['a fault of ours']);
  });
});

describe('Links: calls', () => {
  it('matches replies by echo, in whatever order they come', async () => {
    const { call, peer } = await online();
    const [slow, fast] = [call('get_group_list'), call('get_version_info')];
    const slowRequest = await peer.request('get_group_list');
    peer.reply(await peer.request('get_version_info'), { data: 'fast' });
    peer.reply(slowRequest, { data: 'slow' });
    expect([await slow, await fast]).toMatchObject([{ reply: { data: 'slow' } }, { reply: { data: 'fast' } }]);
    expect(new Set(peer.requests.map(({ echo }) => echo)).size).toBe(3); // and the status that was asked for first
  });

  it('never resolves a call with a foreign, missing, late or doubled echo', async () => {
    const { call, clock, peer, rejected, handled } = await online();
    const late = call('get_a', 1000);
    const lateRequest = await peer.request('get_a');
    clock.advance(1000);
    expect(await late).toEqual({ kind: 'timed_out' });
    const good = call('get_b');
    const request = await peer.request('get_b');
    for (const echo of ['x', 0, null, {}, 'y'.repeat(1_000_000)]) peer.reply({ ...request, echo }, {});
    peer.send({ status: 'ok', retcode: 0 });
    peer.send({ status: 'failed' });
    peer.reply(lateRequest, {});
    peer.reply(request, { data: 1 });
    peer.reply(request, { data: 2 });
    expect(await good).toMatchObject({ reply: { data: 1 } });
    await handled();
    const problems = rejected.map(([problem]) => problem);
    expect(problems).toEqual([...Array(7).fill('unknown_echo'), 'late_reply', 'duplicate_reply']);
    expect(Math.max(...rejected.map(([, sample]) => sample.length))).toBeLessThanOrEqual(200);
  });

  it('does not hold late replies against NapCat: after a stall, hundreds of them come at once', async () => {
    const { call, clock, peer, rejected, handled, reconnects } = await online();
    const calls = Array.from({ length: 150 }, () => call('get_a', 1000));
    await peer.request('get_a', 149);
    clock.advance(1000);
    await Promise.all(calls);
    for (const request of peer.requests) peer.reply(request, {});
    await handled();
    expect([rejected.length, reconnects]).toEqual([150, []]);
  });

  it('ends calls as closed and written when the connection is lost', async () => {
    const { call, peer } = await online();
    const waiting = call('send_msg');
    await peer.request('send_msg');
    peer.ws.terminate();
    expect(await waiting).toEqual({ kind: 'closed', written: true });
    expect(await call('send_msg')).toEqual({ kind: 'down' });
  });

  it('writes nothing when the peer reads too slowly, when the signal was aborted, or when it is no JSON', async () => {
    const limits = { socket: { ...LINK_LIMITS.socket, maxBufferedBytes: 0 } };
    const full = await online(limits);
    expect(await full.call('send_msg')).toEqual({ kind: 'closed', written: false });
    const { links, peer, handled } = await online();
    const signal = AbortSignal.abort();
    expect(await links.call(SELF, 'send_msg', {}, { timeoutMs: 1000, signal })).toEqual({
      kind: 'closed',
      written: false,
    });
    await expect(links.call(SELF, 'send_msg', { n: 1n }, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'ACTION_INVALID',
    });
    await handled();
    const written = [full.peer, peer].map(({ requests }) => requests.map(({ action }) => action));
    expect(written).toEqual([[], ['get_status']]);
  });

  it('stops waiting when the signal aborts later', async () => {
    const { links, peer } = await online();
    const controller = new AbortController();
    const call = links.call(SELF, 'send_msg', {}, { timeoutMs: 60_000, signal: controller.signal });
    await peer.request('send_msg');
    controller.abort();
    expect(await call).toEqual({ kind: 'timed_out' });
  });

  it('uses other echoes in every process and for every account', async () => {
    const echoes = new Set<unknown>();
    for (const fraction of [0.1, 0.2]) {
      const clock = new FakeClock();
      const links = new Links({ clock, random: () => fraction });
      const server = await ScriptedNapcat.start('10001');
      ends.push(async () => {
        await links.close();
        await server.close();
      });
      server.onPeer = (peer) => peer.lifecycle({ self_id: peer.self });
      for (let round = 0; round < 2; round++) {
        links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
        await eventually('online', () => links.status(SELF)?.state === 'online');
        void links.call(SELF, 'get_version_info', {}, { timeoutMs: 60_000 });
        echoes.add((await (await server.peer(round)).request('get_version_info')).echo);
        await links.remove(SELF);
        clock.advance(1000);
      }
    }
    expect(echoes.size).toBe(4);
  });
});

describe('Links: backpressure', () => {
  it('reads nothing while paused, judges no silence, and hands everything up in order afterwards', async () => {
    const { clock, links, peer, events, handled, reconnects } = await online();
    peer.heartbeat(true);
    await handled();
    links.pauseReading();
    // More than the kernel buffers: the peer sees that nobody reads.
    const big = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 30; i++) peer.event({ post_type: 'message', text: `m${i}`, big });
    await clock.advanceAsync(600_000);
    expect(events.filter((text) => String(text).startsWith('m2'))).toEqual([]);
    expect(peer.ws.bufferedAmount).toBeGreaterThan(0);
    expect(reconnects).toEqual([]);
    links.resumeReading();
    await handled();
    expect(events.slice(-31, -1)).toEqual(Array.from({ length: 30 }, (_, i) => `m${i}`));
  });

  it('also pauses accounts and connections that come later, and waits with their greeting', async () => {
    const { clock, links, server, reconnects } = await online();
    links.pauseReading();
    const other = selfId('10002');
    links.add({ selfId: other, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
    server.onPeer = (peer) => peer.lifecycle({ self_id: 10002 });
    clock.advance(10);
    const peer = await server.peer(1);
    await eventually('the opening', () => links.status(other)?.reason.startsWith('connected') === true);
    for (let i = 0; i < 60; i++) await clock.advanceAsync(10_000);
    expect([links.status(other)?.state, peer.requests, reconnects]).toEqual(['connecting', [], []]);
    links.resumeReading();
    await eventually('online', () => links.status(other)?.state === 'online');
  });

  it('does not blame a peer whose answer to get_login_info we did not read', async () => {
    const { clock, links, server, reconnects } = await online();
    const other = selfId('10002');
    server.onPeer = () => undefined;
    links.add({ selfId: other, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
    clock.advance(10);
    const peer = await server.peer(1);
    await eventually('the opening', () => links.status(other)?.reason.startsWith('connected') === true);
    clock.advance(10_000);
    await peer.request('get_login_info');
    links.pauseReading();
    await clock.advanceAsync(10_000);
    links.resumeReading();
    expect(reconnects).toEqual([]);
    clock.advance(10_000);
    peer.reply(await peer.request('get_login_info', 1), { data: { user_id: 10002 } });
    await eventually('online', () => links.status(other)?.state === 'online');
  });
});
