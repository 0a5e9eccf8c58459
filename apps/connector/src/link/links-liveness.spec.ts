import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId } from '@rookery/protocol';
import { eventually, FakeClock, ScriptedNapcat } from '@rookery/testing';
import { Links } from './links';

const SELF = selfId('10001');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function online() {
  const clock = new FakeClock();
  const links = new Links({ clock, random: () => 0.5 });
  const states: string[] = [];
  const reconnects: string[] = [];
  let events = 0;
  links.on('status', ({ state }) => states.push(state));
  links.on('reconnecting', (_self, reason) => reconnects.push(reason));
  links.on('event', () => (events += 1));
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
  states.length = 0;
  const peer = await server.peer(0);
  const reason = () => links.status(SELF)?.reason ?? '';
  const handled = (n: number) => eventually(`${n} events`, () => events === n + 1);
  return { clock, links, peer, server, states, reconnects, state, reason, handled };
}

describe('Links: a dead peer', () => {
  it('is cut and dialled anew after two unanswered pings, within 45 s', async () => {
    const { clock, peer, server, reconnects, state, reason } = await online();
    peer.ws.pause(); // the socket stays open, nothing is answered
    await clock.advanceAsync(44_999);
    expect(reconnects).toEqual([]);
    await clock.advanceAsync(1);
    expect([reconnects, reason()]).toEqual([['no_pong'], expect.stringContaining('pings')]);
    await clock.advanceAsync(500);
    await state('online');
    expect(server.peers).toHaveLength(2);
  });

  it('says when it has read a call: not while it is frozen, and once it goes on, also after the time limit of the call', async () => {
    const { clock, links, peer } = await online();
    let reads = 0;
    const call = (timeoutMs: number) =>
      links.call(SELF, 'send_group_msg', {}, { timeoutMs, onRead: () => (reads += 1) });
    void call(60_000);
    await eventually('the first is read', () => reads === 1);
    peer.ws.pause();
    const second = call(5_000);
    await clock.advanceAsync(5_000);
    expect([await second, reads]).toEqual([{ kind: 'timed_out' }, 1]);
    peer.ws.resume();
    await eventually('the second is read', () => reads === 2);
    await links.caughtUp(SELF);
  });

  it('lets nobody wait who wants to know whether it has read a call, when it is cut', async () => {
    const { clock, links, peer, state } = await online();
    peer.ws.pause();
    let reads = 0;
    const call = links.call(SELF, 'send_group_msg', {}, { timeoutMs: 60_000, onRead: () => (reads += 1) });
    const caughtUp = links.caughtUp(SELF);
    await clock.advanceAsync(45_000);
    await caughtUp;
    expect([await call, reads > 0]).toEqual([{ kind: 'closed', written: true }, true]);
    await clock.advanceAsync(500);
    await state('online');
  });

  it('is not confused with one that answers pings and is otherwise silent', async () => {
    const { clock, links, peer, server, reconnects } = await online();
    let pings = 0;
    peer.ws.on('ping', () => (pings += 1));
    const other = selfId('10002');
    server.onPeer = (next) => next.lifecycle({ self_id: 10002 });
    links.add({ selfId: other, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
    clock.advance(10);
    await eventually('the other account', () => links.status(other)?.state === 'online');
    const neighbour = await server.peer(1);
    for (let i = 1; i <= 8; i++) {
      clock.advance(15_000);
      await eventually(`ping ${i}`, () => pings === i);
      // The pong was written before the ping was seen here; round trips of a neighbour show that it was read since.
      for (let n = 0; n < 2; n++) {
        const call = links.call(other, 'get_version_info', {}, { timeoutMs: 60_000 });
        neighbour.reply(await neighbour.request('get_version_info', 2 * (i - 1) + n), {});
        await call;
      }
    }
    expect(reconnects).toEqual([]);
  });

  it('is asked for its status when heartbeats stop, and stays while it answers', async () => {
    const { clock, peer, reconnects, handled, state } = await online();
    peer.heartbeat(true, 5000);
    await handled(1);
    clock.advance(15_000);
    peer.reply(await peer.request('get_status', 1), { data: { online: true, good: true } });
    peer.event({ post_type: 'message' });
    await handled(2);
    expect(reconnects).toEqual([]);
    clock.advance(15_000);
    peer.reply(await peer.request('get_status', 2), { data: { online: false } });
    await state('offline');
    expect(reconnects).toEqual([]);
  });

  it.each([
    ['does not answer', undefined],
    ['answers with a failure', { status: 'failed', retcode: 1200 }],
  ])('is left when heartbeats stop and it %s', async (_what, answer) => {
    const { clock, peer, reconnects, handled } = await online();
    peer.heartbeat(true, 5000);
    await handled(1);
    clock.advance(15_000);
    const request = await peer.request('get_status', 1);
    if (answer === undefined) await clock.advanceAsync(10_000);
    else peer.reply(request, answer);
    await eventually('the reconnect', () => reconnects.length === 1);
    expect(reconnects).toEqual(['no_heartbeat']);
  });
});

describe('Links: QQ drops the login', () => {
  it('is offline with the heartbeat that says so, keeps the socket, and is online again with the one that says that', async () => {
    const { clock, links, peer, server, states, state, reason, reconnects, handled } = await online();
    const before = links.status(SELF)?.since;
    clock.advance(1000);
    peer.heartbeat(true);
    peer.heartbeat(false);
    await state('offline');
    expect(reason()).toContain('QQ has dropped the login');
    expect(links.status(SELF)?.since).toBe((before ?? 0) + 1000);
    clock.advance(1000);
    peer.event({ post_type: 'notice', notice_type: 'bot_offline', message: 'a reason that comes later' });
    await handled(3);
    expect(links.status(SELF)).toMatchObject({ since: (before ?? 0) + 1000, reason: expect.stringContaining('later') });
    peer.heartbeat(true);
    await state('online');
    expect([states, reconnects, server.peers.length]).toEqual([['offline', 'offline', 'online'], [], 1]);
  });

  it('is offline with bot_offline, tells what QQ said, and still lets calls out', async () => {
    const { links, peer, state, reason } = await online();
    peer.event({
      post_type: 'notice',
      notice_type: 'bot_offline',
      user_id: 10001,
      tag: '下线通知',
      message: '你的帐号在别处登录',
    });
    await state('offline');
    expect(reason()).toContain('下线通知: 你的帐号在别处登录');
    const call = links.call(SELF, 'get_version_info', {}, { timeoutMs: 1000 });
    peer.reply(await peer.request('get_version_info'), { data: { online: false } });
    expect(await call).toMatchObject({ kind: 'replied' });
  });

  it('takes a heartbeat without status as saying nothing', async () => {
    const { peer, states, handled } = await online();
    peer.event({ post_type: 'meta_event', meta_event_type: 'heartbeat', status: null, interval: null });
    peer.event({ post_type: 'meta_event', meta_event_type: 'heartbeat' });
    await handled(2);
    expect(states).toEqual([]);
  });

  it('is online again after a restart of NapCat', async () => {
    const { clock, peer, server, state } = await online();
    peer.heartbeat(false);
    await state('offline');
    peer.ws.close(1000);
    await state('connecting');
    await eventually('the end of the old socket', () => clock.pending === 1);
    await clock.advanceAsync(500);
    await state('online');
    expect(server.peers).toHaveLength(2);
  });
});
