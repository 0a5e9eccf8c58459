import { describe, expect, it } from '@jest/globals';
import { eventually } from '@rookery/testing';
import { napcat, SELF, started } from './spec-links';

const TOKEN = { reveal: () => 'the-token-of-10001' };

describe('Links, forward: greeting', () => {
  it('is online with the first lifecycle frame and not with the opening; the token goes into the header only', async () => {
    const { add, links, reached, states, reason } = started();
    const server = await napcat();
    add(`${server.url}/`, TOKEN);
    const peer = await server.peer(0);
    await eventually('the opening', () => reason().startsWith('connected to'));
    expect(links.status(SELF)?.state).toBe('connecting');
    expect(await links.call(SELF, 'get_status', {}, { timeoutMs: 1000 })).toEqual({ kind: 'down' });
    peer.lifecycle();
    await reached('online');
    expect(states()).toEqual(['connecting', 'connecting', 'online']);
    expect(server.dialled).toEqual([{ authorization: 'Bearer the-token-of-10001', path: '/' }]);
    expect(JSON.stringify(links.list())).not.toContain('the-token');
  });

  it('misses no frame that comes with the handshake', async () => {
    const { add, reached, states } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.lifecycle();
    add(server.url);
    await reached('online');
    expect(states()).toContain('online');
  });

  it('takes a second lifecycle frame as nothing new', async () => {
    const { add, links, reached, states } = started();
    const server = await napcat();
    add(server.url);
    const peer = await server.peer(0);
    const seen: unknown[] = [];
    links.on('event', (_self, frame) => seen.push(frame['sub_type']));
    peer.lifecycle();
    await reached('online');
    peer.lifecycle();
    await eventually('both frames', () => seen.length === 2);
    expect(states().filter((state) => state === 'online')).toHaveLength(1);
  });

  it('asks who is there when no lifecycle comes within 10 s, and is online with a good answer', async () => {
    const { add, clock, reached } = started();
    const server = await napcat();
    add(server.url);
    const peer = await server.peer(0);
    await eventually('the opening', () => clock.pending === 2);
    clock.advance(9_999);
    expect(peer.requests).toEqual([]);
    clock.advance(1);
    const request = await peer.request('get_login_info');
    peer.reply(request, { data: { user_id: 10001, nickname: 'x' } });
    await reached('online');
  });

  it.each([
    ['a failed answer', { status: 'failed', retcode: 1404 }, 'retcode 1404'],
    ['an answer without account', { data: {} }, 'retcode 0'],
    ['an answer without retcode', { status: 'failed', retcode: null }, 'retcode missing'],
  ])('gives the connection up after %s to get_login_info', async (_what, answer, detail) => {
    const { add, clock, reconnecting, reconnects, reason } = started();
    const server = await napcat();
    add(server.url);
    const peer = await server.peer(0);
    await eventually('the opening', () => clock.pending === 2);
    clock.advance(10_000);
    peer.reply(await peer.request('get_login_info'), answer);
    await reconnecting(1);
    expect([reconnects, reason()]).toEqual([[['no_greeting', 500]], expect.stringContaining(detail)]);
  });

  it('gives the connection up when get_login_info is not answered', async () => {
    const { add, clock, reconnecting, reconnects } = started();
    const server = await napcat();
    add(server.url);
    const peer = await server.peer(0);
    await eventually('the opening', () => clock.pending === 2);
    clock.advance(10_000);
    await peer.request('get_login_info');
    await clock.advanceAsync(10_000);
    await reconnecting(1);
    expect(reconnects).toEqual([['no_greeting', 500]]);
  });

  it.each(['lifecycle', 'get_login_info'])('fails when another account answers (%s), and tries late', async (how) => {
    const { add, clock, links, reached, reason, reconnects, problems } = started();
    const server = await napcat('10099');
    add(server.url);
    const peer = await server.peer(0);
    await eventually('the opening', () => clock.pending === 2);
    if (how === 'lifecycle') peer.lifecycle();
    else {
      clock.advance(10_000);
      peer.reply(await peer.request('get_login_info'), { data: { user_id: 10099 } });
    }
    await reached('failed');
    expect(reason()).toMatch(/^LINK_WRONG_ACCOUNT: account 10099 answers at .*accounts\[selfId=10001\]/);
    await eventually('the close', () => peer.closed !== undefined);
    expect([peer.closed?.[0], links.status(SELF)?.state]).toEqual([1008, 'failed']);
    expect(reconnects).toEqual([['wrong_account', 67_500]]);
    expect(problems).toEqual(how === 'lifecycle' ? ['self_id'] : []);
  });
});

describe('Links, forward: token', () => {
  it('fails after the 1403 frame, names account and key, and does not dial again within 60 s', async () => {
    const { add, clock, reached, reason, reconnects } = started(() => 0);
    const server = await napcat();
    server.onPeer = (peer) => peer.refuseToken();
    add(server.url, TOKEN);
    await reached('failed');
    expect(reason()).toContain('LINK_TOKEN_REFUSED');
    expect(reason()).toContain('account 10001');
    expect(reason()).toContain('accounts[selfId=10001].token');
    expect(reason()).not.toContain('the-token');
    expect(reconnects).toEqual([['token_refused', 60_000]]);
    await eventually('the end of the old socket', () => clock.pending === 1);
    await clock.advanceAsync(59_999);
    expect(server.peers).toHaveLength(1);
    server.onPeer = (peer) => peer.lifecycle();
    await clock.advanceAsync(1);
    await reached('online');
    expect(server.peers).toHaveLength(2);
  });

  it('takes a close without code and without 1403 as no question of the token', async () => {
    const { add, reconnecting, reconnects } = started();
    const server = await napcat();
    server.onPeer = (peer) => peer.ws.close();
    add(server.url, TOKEN);
    await reconnecting(1);
    expect(reconnects).toEqual([['closed_without_code', 500]]);
  });
});
