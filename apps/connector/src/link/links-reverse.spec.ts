import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountStatus } from '@rookery/protocol';
import { dialIn, eventually, FakeClock, type ScriptedPeer } from '@rookery/testing';
import { Links } from './links';

const SELF = selfId('10001');
const TOKEN = 'the-token-of-10001';
const REVERSE = { host: '127.0.0.1', port: 0, path: '/onebot/v11/ws' };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listening() {
  const clock = new FakeClock();
  const links = new Links({ clock, random: () => 0.5, reverse: REVERSE });
  const statuses: AccountStatus[] = [];
  const reconnects: [string, number][] = [];
  const refused: string[] = [];
  const events: unknown[] = [];
  links.on('status', (status) => statuses.push(status));
  links.on('reconnecting', (_self, reason, delayMs) => reconnects.push([reason, delayMs]));
  links.on('refused', (reason) => refused.push(reason));
  links.on('event', (_self, frame) => events.push(frame['text'] ?? frame['meta_event_type']));
  await links.listen();
  links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'reverse', token: { reveal: () => TOKEN } });
  ends.push(async () => {
    await links.close();
    expect(clock.pending).toBe(0);
  });
  const port = links.reversePort;
  const comeIn = async (token = TOKEN, self = '10001'): Promise<ScriptedPeer> => {
    const peer = await dialIn(`ws://127.0.0.1:${port}${REVERSE.path}`, self, token);
    ends.unshift(() => peer.ws.terminate());
    return peer;
  };
  const state = (wanted: string) => eventually(wanted, () => links.status(SELF)?.state === wanted);
  const greeted = async (): Promise<ScriptedPeer> => {
    const n = events.length;
    const peer = await comeIn();
    peer.lifecycle();
    await eventually('the greeting', () => events.length > n);
    return peer;
  };
  const reason = () => links.status(SELF)?.reason ?? '';
  const gone = (peer: ScriptedPeer) => eventually('the close', () => peer.closed !== undefined);
  return { clock, links, statuses, reconnects, refused, events, comeIn, greeted, state, reason, gone };
}

describe('Links, reverse', () => {
  it('waits, is online with the first lifecycle frame, answers calls, and waits again after the end', async () => {
    const { clock, links, statuses, comeIn, state, reason, reconnects } = await listening();
    expect(links.status(SELF)).toMatchObject({ state: 'connecting', reason: 'waiting for NapCat to dial in' });
    const peer = await comeIn();
    expect(await links.call(SELF, 'get_status', {}, { timeoutMs: 1000 })).toEqual({ kind: 'down' });
    peer.lifecycle();
    await state('online');
    const call = links.call(SELF, 'get_group_list', {}, { timeoutMs: 1000 });
    peer.reply(await peer.request('get_group_list'), { data: 1 });
    expect(await call).toMatchObject({ reply: { data: 1 } });
    peer.ws.close(1000);
    await state('connecting');
    expect(reason()).toContain('Waiting for NapCat to dial in');
    expect(reconnects).toEqual([['closed_normally', 0]]);
    expect(statuses.map((status) => status.state)).toEqual(['connecting', 'online', 'connecting']);
    expect(clock.pending).toBe(0);
  });

  it('asks who is there when no lifecycle comes', async () => {
    const { clock, comeIn, state, reason } = await listening();
    const peer = await comeIn();
    await eventually('the opening', () => clock.pending === 2);
    clock.advance(10_000);
    peer.reply(await peer.request('get_login_info'), { data: { user_id: 10001 } });
    await state('online');
    expect(reason()).toBe('connected to NapCat');
  });

  it('fails when NapCat comes with a wrong token, says so, and is online as soon as one has the right one', async () => {
    const { comeIn, greeted, state, reason, refused } = await listening();
    await expect(comeIn('a-wrong-token')).rejects.toThrow('401');
    await state('failed');
    expect(reason()).toContain('accounts[selfId=10001].token');
    expect(reason()).not.toContain('a-wrong-token');
    expect(refused).toEqual(['token']);
    await greeted();
    await state('online');
  });

  it('is not disturbed by a wrong token while a good connection lives', async () => {
    const { comeIn, greeted, links, refused } = await listening();
    await greeted();
    await expect(comeIn('a-wrong-token')).rejects.toThrow('401');
    expect([links.status(SELF)?.state, refused]).toEqual(['online', ['token']]);
  });

  it('refuses accounts that it does not know, and removed ones', async () => {
    const { comeIn, links, refused } = await listening();
    await expect(comeIn(TOKEN, '10099')).rejects.toThrow('403');
    await expect(comeIn('guess', '10099')).rejects.toThrow('401');
    await links.remove(SELF);
    await expect(comeIn()).rejects.toThrow('401');
    expect(refused).toEqual(['account', 'token', 'token']);
  });

  it('fails when another account greets than the one that was named', async () => {
    const { comeIn, gone, state, reason, reconnects } = await listening();
    const peer = await comeIn();
    peer.lifecycle({ self_id: 10099 });
    await state('failed');
    await gone(peer);
    expect(peer.closed?.[0]).toBe(1008);
    expect(reason()).toMatch(/^LINK_WRONG_ACCOUNT/);
    expect(reconnects).toEqual([['wrong_account', 0]]);
  });

  it('waits for the address while another connector of this machine has it, and serves NapCats when that one ends', async () => {
    const { links } = await listening();
    const port = links.reversePort ?? 0;
    const clock = new FakeClock();
    const second = new Links({ clock, random: () => 0.5, reverse: { ...REVERSE, port } });
    ends.push(() => second.close());
    const states: string[] = [];
    second.on('address', (state) => states.push(state));
    await second.listen();
    await links.close();
    await clock.advanceAsync(2_000);
    await eventually('it listens', () => second.reversePort === port);
    expect(states).toEqual(['shared', 'listening']);
  });
});

describe('Links, reverse: several connections of one account', () => {
  it('lets the newest lifecycle win and closes the older one with 4001, without leaving online', async () => {
    const { greeted, comeIn, gone, links, statuses, reconnects } = await listening();
    const older = await greeted();
    const newer = await comeIn();
    expect(older.closed).toBeUndefined(); // opening alone takes nothing over
    newer.lifecycle();
    await gone(older);
    expect(older.closed?.[0]).toBe(4001);
    const call = links.call(SELF, 'get_group_list', {}, { timeoutMs: 1000 });
    newer.reply(await newer.request('get_group_list'), {});
    expect(await call).toMatchObject({ kind: 'replied' });
    expect([statuses.at(-1)?.state, reconnects]).toEqual(['online', []]);
  });

  it('matches a reply that comes on the newer socket to the call that went out on the older', async () => {
    const { greeted, comeIn, gone, links } = await listening();
    const older = await greeted();
    const call = links.call(SELF, 'send_msg', {}, { timeoutMs: 60_000 });
    const request = await older.request('send_msg');
    const newer = await comeIn();
    newer.lifecycle();
    await gone(older);
    newer.reply(request, { data: { message_id: 7 } });
    expect(await call).toMatchObject({ kind: 'replied', reply: { data: { message_id: 7 } } });
  });

  it('still reads what the older socket has to say while it closes, but nothing about the state of QQ', async () => {
    const { greeted, comeIn, gone, events, links } = await listening();
    const older = await greeted();
    older.ws.pause(); // its close frame is not answered yet
    const newer = await comeIn();
    newer.lifecycle();
    await eventually('the takeover', () => events.length === 2);
    older.event({ post_type: 'message', text: 'last words' });
    older.heartbeat(false);
    await eventually('the last words', () => events.length === 4);
    expect(events).toEqual(['lifecycle', 'lifecycle', 'last words', 'heartbeat']);
    expect(links.status(SELF)?.state).toBe('online');
    older.ws.resume();
    await gone(older);
  });

  it('loses nothing when the newer one goes away before it has greeted', async () => {
    const { greeted, comeIn, gone, links, reconnects } = await listening();
    const older = await greeted();
    const newer = await comeIn();
    newer.ws.terminate();
    await gone(newer);
    const call = links.call(SELF, 'get_group_list', {}, { timeoutMs: 1000 });
    older.reply(await older.request('get_group_list'), {});
    expect(await call).toMatchObject({ kind: 'replied' });
    expect([links.status(SELF)?.state, reconnects]).toEqual(['online', []]);
  });

  it('keeps calls waiting while another socket is left, and ends them with the last', async () => {
    const { greeted, comeIn, links, state } = await listening();
    const older = await greeted();
    const newer = await comeIn();
    let end: unknown;
    void links.call(SELF, 'send_msg', {}, { timeoutMs: 60_000 }).then((result) => (end = result));
    await older.request('send_msg');
    older.ws.terminate();
    await state('connecting');
    expect(end).toBeUndefined();
    newer.ws.terminate();
    await eventually('the end of the call', () => end !== undefined);
    expect(end).toEqual({ kind: 'closed', written: true });
  });

  it('keeps the older connection when they push each other out more than five times a minute', async () => {
    const { clock, greeted, comeIn, gone, links, refused, events } = await listening();
    let current = await greeted();
    for (let i = 0; i < 5; i++) {
      const next = await greeted();
      await gone(current);
      current = next;
    }
    const sixth = await comeIn();
    await gone(sixth);
    expect([sixth.closed?.[0], current.closed, refused]).toEqual([4001, undefined, ['flapping']]);
    expect(links.status(SELF)?.state).toBe('online');
    for (let i = 0; i < 4; i++) {
      clock.advance(15_000);
      current.event({ post_type: 'message', text: `alive ${i}` });
      await eventually('the sign of life', () => events.includes(`alive ${i}`));
    }
    const later = await greeted();
    await gone(current);
    expect([current.closed?.[0], later.closed]).toEqual([4001, undefined]);
  });

  it('bounds the connections that have not said who they are', async () => {
    const { comeIn, gone } = await listening();
    const peers = [await comeIn(), await comeIn(), await comeIn()];
    const fourth = await comeIn();
    await gone(peers[0] as ScriptedPeer);
    expect(peers.map(({ closed }) => closed?.[0])).toEqual([4001, undefined, undefined]);
    expect(fourth.closed).toBeUndefined();
  });
});

describe('Links, reverse: the end', () => {
  it('closes every connection with 1001, frees the port, and lets nobody in any more', async () => {
    const { clock, links, greeted, comeIn, gone } = await listening();
    const peer = await greeted();
    const candidate = await comeIn();
    const port = links.reversePort;
    await links.close();
    await Promise.all([gone(peer), gone(candidate)]);
    expect([peer.closed?.[0], candidate.closed?.[0]]).toEqual([1001, 1001]);
    await expect(dialIn(`ws://127.0.0.1:${port}${REVERSE.path}`, '10001', TOKEN)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect([clock.pending, links.list()]).toEqual([0, []]);
  });
});
