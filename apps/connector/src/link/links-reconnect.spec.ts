import { describe, expect, it } from '@jest/globals';
import { selfId, systemClock, DEFAULT_POOL } from '@rookery/protocol';
import { eventually } from '@rookery/testing';
import { Links } from './links';
import { atEnd, napcat, SELF, started } from './spec-links';

const TOKEN = { reveal: () => 'the-token-of-10001' };

describe('Links, forward: reconnecting', () => {
  it('backs off while nothing listens and through openings without lifecycle, and starts over after a lifecycle', async () => {
    const { add, clock, reached, reconnects, reconnecting } = started(() => 1);
    const first = await napcat();
    const port = Number(new URL(first.url).port);
    await first.close();
    add(first.url);
    await reconnecting(1);
    for (let n = 1; n < 4; n++) {
      clock.advance(reconnects[n - 1]?.[1] ?? 0);
      await reconnecting(n + 1);
    }
    const second = await napcat('10001', port);
    second.onPeer = (peer) => peer.ws.terminate();
    clock.advance(4000);
    await reconnecting(5);
    second.onPeer = (peer) => peer.lifecycle();
    clock.advance(8000);
    await reached('online');
    (await second.peer(1)).ws.terminate();
    await reconnecting(6);
    expect(reconnects).toEqual([
      ...[1000, 1000, 2000, 4000].map((ms) => ['connection_refused', ms]),
      ['connection_lost', 8000],
      ['connection_lost', 1000],
    ]);
  });

  it('plans one dial for an error and a close together, and never has two connections', async () => {
    const { add, clock, reached, reconnects, reconnecting } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle();
    add(server.url);
    await reached('online');
    const peer = await server.peer(0);
    // A frame above the limit makes ws report an error first and a close later.
    peer.ws.send(Buffer.from([0xc3, 0x28]), { binary: false });
    await reconnecting(1);
    await eventually('the end of the old socket', () => clock.pending === 1);
    await clock.advanceAsync(500);
    await reached('online');
    expect(reconnects).toEqual([['protocol_error', 500]]);
    expect(server.peers.filter(({ closed }) => closed === undefined)).toHaveLength(1);
    expect(server.peers).toHaveLength(2);
  });

  it.each([
    [1000, 'closed_normally', 'connecting'],
    [1001, 'peer_restarting', 'connecting'],
    [1008, 'closed_by_policy', 'failed'],
    [4999, 'closed_other', 'connecting'],
  ])('recovers from close code %i as %s and is %s meanwhile', async (code, why, state) => {
    const { add, reached, reconnects, reconnecting, links } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle();
    add(server.url);
    await reached('online');
    (await server.peer(0)).ws.close(code);
    await reconnecting(1);
    expect([reconnects[0]?.[0], links.status(SELF)?.state]).toEqual([why, state]);
  });

  it('fails on settings that cannot work', async () => {
    const { add, clock, reached, reason } = started();
    add('no address', TOKEN);
    clock.advance(0);
    await reached('failed');
    expect(reason()).toContain('correct `url` and `token` of the account');
  });
});

describe('Links, forward: many accounts', () => {
  it('brings up 300 accounts, each with one connection, ten handshakes at a time', async () => {
    const limits = { dialsAtOnce: 10, dialsPerSecond: 1000 };
    const links = new Links({ clock: systemClock, random: Math.random, limits });
    atEnd(() => links.close());
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle({ self_id: server.dialled.at(-1)?.path?.slice(1) });
    const online = new Set<string>();
    links.on('status', ({ self, state }) => {
      if (state === 'online') online.add(self);
    });
    for (let i = 0; i < 300; i++) {
      links.add({
        selfId: selfId(String(20_000 + i)),
        pool: DEFAULT_POOL,
        mode: 'forward',
        url: `${server.url}/${20_000 + i}`,
      });
    }
    await eventually('300 accounts online', () => online.size === 300);
    expect(server.peers).toHaveLength(300);
  });
});

describe('Links, forward: life', () => {
  it('closes with 1000 when an account is removed, ends its calls as closed, and forgets it', async () => {
    const { add, links, reached, states } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle();
    add(server.url);
    await reached('online');
    const peer = await server.peer(0);
    const call = links.call(SELF, 'get_group_list', {}, { timeoutMs: 60_000 });
    await peer.request('get_group_list');
    const removed = links.remove(SELF);
    expect(await call).toEqual({ kind: 'closed', written: true });
    await removed;
    expect([states().at(-1), links.status(SELF), links.list()]).toEqual(['stopped', undefined, []]);
    await eventually('the close', () => peer.closed?.[0] === 1000);
    expect(await links.call(SELF, 'get_status', {}, { timeoutMs: 1 })).toEqual({ kind: 'down' });
    await links.remove(SELF);
  });

  it.each(['waiting for the next try', 'dialling', 'greeting'])(
    'removes an account that is %s without a trace',
    async (when) => {
      const { add, clock, links, reconnecting, reason } = started();
      const server = await napcat();
      add(server.url);
      if (when === 'greeting') await eventually('the opening', () => reason().startsWith('connected to'));
      if (when === 'waiting for the next try') {
        (await server.peer(0)).ws.close();
        await reconnecting(1);
      }
      await links.remove(SELF);
      expect(clock.pending).toBe(0);
      await clock.advanceAsync(600_000);
      expect(server.peers.length).toBeLessThanOrEqual(1);
    },
  );

  it('cuts a peer that does not answer the closing handshake', async () => {
    const { add, clock, links, reached } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle();
    add(server.url);
    await reached('online');
    (await server.peer(0)).ws.pause();
    const closing = links.close();
    clock.advance(2000);
    await closing;
    expect(clock.pending).toBe(0);
  });

  it('refuses an account twice, after the end, and in reverse mode without an address', async () => {
    const { add, links } = started();
    const server = await napcat();
    add(server.url);
    expect(() => add(server.url)).toThrow('added twice');
    const reverse = { selfId: selfId('10002'), pool: DEFAULT_POOL, mode: 'reverse', token: TOKEN } as const;
    expect(() => links.add(reverse)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    await links.listen();
    expect(links.reversePort).toBeUndefined();
    await links.close();
    expect(() => add(server.url)).toThrow('closed');
  });
});
