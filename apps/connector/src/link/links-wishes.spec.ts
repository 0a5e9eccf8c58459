import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, MINUTE, SECOND, selfId } from '@rookery/protocol';
import { eventually, FakeClock, ScriptedNapcat, type ScriptedPeer } from '@rookery/testing';
import { Links } from './links';

const SELF = selfId('10001');
const TOKEN = 'the-token-of-10001';
const REVERSE = { host: '127.0.0.1', port: 0, path: '/onebot/v11/ws' };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function make() {
  const clock = new FakeClock();
  // Pings are of no interest here, and their answers take real time.
  const links = new Links({ clock, random: () => 0.5, reverse: REVERSE, limits: { missedPings: 1000 } });
  const heard = {
    status: [] as string[],
    standby: [] as string[],
    events: [] as unknown[],
    reconnects: [] as string[],
  };
  const greeted: string[] = [];
  links.on('status', ({ state }) => heard.status.push(state));
  links.on('standby', ({ state }) => heard.standby.push(state));
  links.on('event', (_self, frame) => heard.events.push(frame['text'] ?? frame['meta_event_type']));
  links.on('reconnecting', (_self, reason) => heard.reconnects.push(reason));
  links.on('greeted', (self, role) => greeted.push(`${self} ${role}`));
  ends.push(async () => {
    await links.close();
    expect(clock.pending).toBe(0);
  });
  const state = (wanted: string) => eventually(wanted, () => links.status(SELF)?.state === wanted);
  const reason = () => links.status(SELF)?.reason ?? '';
  const call = (action = 'send_msg') => links.call(SELF, action, {}, { timeoutMs: 60_000 });
  return { clock, links, heard, greeted, state, reason, call };
}

async function connected(role: 'owner' | 'standby' = 'owner') {
  const made = make();
  const server = await ScriptedNapcat.start('10001');
  ends.push(() => server.close());
  server.onPeer = (peer) => peer.lifecycle();
  made.links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url: server.url }, { role });
  await made.state('online');
  const peer = await server.peer(0);
  let marks = 0;
  const handled = async (from: ScriptedPeer = peer) => {
    const mark = `mark ${marks++}`;
    from.event({ post_type: 'message', text: mark });
    await eventually(mark, () => made.heard.events.includes(mark));
  };
  return { ...made, server, peer, handled };
}

describe('Links: a login that QQ has dropped', () => {
  it('shows directly after the greeting, without waiting for a heartbeat', async () => {
    const { peer, state, reason, heard } = await connected();
    peer.reply(await peer.request('get_status'), { data: { online: false, good: true } });
    await state('offline');
    expect(reason()).toContain('log in again');
    expect(heard.reconnects).toEqual([]);
  });

  it('shows with an action refused by 1006514, and a heartbeat that says online changes nothing for a minute', async () => {
    const { clock, peer, call, state, reason, heard, handled } = await connected();
    const sent = call();
    const text = 'EventChecker Failed: NTEvent … EventRet: {"result":1006514,"errMsg":"网络异常"}';
    peer.reply(await peer.request('send_msg'), { status: 'failed', retcode: 1200, message: text });
    expect(await sent).toMatchObject({ kind: 'replied' });
    await state('offline');
    expect(reason()).toContain('1006514');
    peer.heartbeat(true);
    await handled();
    expect(heard.status.at(-1)).toBe('offline');
    clock.advance(MINUTE);
    peer.heartbeat(true);
    await state('online');
  });

  it('is asked for every minute while it lasts, also when heartbeats are switched off', async () => {
    const { clock, peer, state, reason } = await connected();
    peer.reply(await peer.request('get_status'), { data: { online: false } });
    await state('offline');
    clock.advance(MINUTE);
    peer.reply(await peer.request('get_status', 1), { data: { online: true } });
    await state('online');
    expect(reason()).toBe('QQ is logged in again');
  });

  it('is over with a message that was sent', async () => {
    const { peer, call, state, heard } = await connected();
    peer.heartbeat(false);
    await state('offline');
    const sent = call();
    peer.reply(await peer.request('send_msg'), { data: { message_id: 1 } });
    await sent;
    await state('online');
    expect(heard.status).toEqual(['connecting', 'connecting', 'online', 'offline', 'online']);
  });
});

describe('Links: an account that goes deaf', () => {
  async function silent() {
    const made = await connected();
    const { clock, peer, handled } = made;
    peer.reply(await peer.request('get_status'), { data: { online: true } });
    for (let n = 0; n < 30; n++) {
      await handled();
      clock.advance(SECOND);
    }
    // Beats go on; the silence is noticed at one of the ticks.
    for (let waited = 0; waited < 5 * MINUTE; waited += 15 * SECOND) {
      const beats = made.heard.events.length;
      peer.heartbeat(true);
      await eventually('the heartbeat', () => made.heard.events.length > beats);
      clock.advance(15 * SECOND);
    }
    return made;
  }

  it('is asked who it is, is deaf when it answers well, and online with the next event', async () => {
    const { peer, state, reason, handled, heard } = await silent();
    peer.reply(await peer.request('get_login_info'), { data: { user_id: 10001 } });
    peer.reply(await peer.request('get_status', 1), { data: { online: true } });
    await state('deaf');
    expect(reason()).toMatch(/no event for 5 min, where one comes every 1.0 s/);
    await handled();
    expect([heard.status.at(-1), heard.reconnects]).toEqual(['online', []]);
  });

  it('is dialled anew when it does not answer', async () => {
    const { peer, reason, heard } = await silent();
    peer.reply(await peer.request('get_login_info'), { status: 'failed', retcode: 1200 });
    peer.reply(await peer.request('get_status', 1), { status: 'failed', retcode: 1200 });
    await eventually('the reconnect', () => heard.reconnects.length > 0);
    expect([heard.reconnects, reason()]).toEqual([['no_answer'], expect.stringContaining('silent')]);
  });

  it('fails when another account answers there', async () => {
    const { peer, state, heard } = await silent();
    peer.reply(await peer.request('get_login_info'), { data: { user_id: 10099 } });
    peer.reply(await peer.request('get_status', 1), { data: { online: true } });
    await state('failed');
    expect(heard.reconnects).toEqual(['wrong_account']);
  });
});

describe('Links: what the operator wants', () => {
  it.each([
    ['pause', 'paused'],
    ['drain', 'draining'],
  ] as const)(
    '%s: keeps the link and its events, lets calls under way end, and lets no new one out',
    async (act, shown) => {
      const { clock, links, peer, call, state, reason, handled } = await connected();
      const underWay = call();
      const request = await peer.request('send_msg');
      expect(links[act](SELF, 'wanted by anna')).toBe(true);
      expect([links.status(SELF)?.state, reason()]).toEqual([shown, 'wanted by anna']);
      expect(await call()).toEqual({ kind: 'down' });
      await handled();
      peer.reply(request, { data: { message_id: 1 } });
      expect(await underWay).toMatchObject({ kind: 'replied' });
      // It survives a reconnect.
      peer.ws.close(1000);
      await state('connecting');
      await clock.advanceAsync(500);
      await state(shown);
      expect(links.resume(SELF)).toBe(true);
      expect(links.status(SELF)?.state).toBe('online');
    },
  );

  it('says when it does not know the account', () => {
    const { links } = make();
    const answers = [
      links.pause(SELF, ''),
      links.resume(SELF),
      links.drain(SELF, ''),
      links.promote(SELF),
      links.demote(SELF),
    ];
    expect([...answers, links.role(SELF)]).toEqual([false, false, false, false, false, undefined]);
  });
});

describe('Links: a standby', () => {
  it('hands up events and never writes a request, and acts over the same socket once promoted', async () => {
    const { clock, links, peer, server, call, heard, greeted, handled } = await connected('standby');
    await handled();
    expect(await call()).toEqual({ kind: 'down' });
    peer.heartbeat(true, 5000);
    await handled();
    expect([peer.requests, heard.status, heard.standby, greeted]).toEqual([
      [],
      [],
      ['connecting', 'connecting', 'online'],
      ['10001 standby'],
    ]);
    expect([links.promote(SELF), links.role(SELF), heard.status]).toEqual([true, 'owner', ['online']]);
    const sent = call();
    peer.reply(await peer.request('send_msg'), {});
    expect(await sent).toMatchObject({ kind: 'replied' });
    peer.reply(await peer.request('get_status'), { data: { online: true } });
    links.promote(SELF); // again: of no consequence
    links.demote(SELF);
    expect([await call(), heard.status, server.peers.length]).toEqual([{ kind: 'down' }, ['online'], 1]);
    clock.advance(SECOND);
  });

  it('cuts a peer that does not greet, or whose heartbeats stop, instead of asking it', async () => {
    const { clock, peer, heard, handled } = await connected('standby');
    peer.heartbeat(true, 5000);
    await handled();
    await clock.advanceAsync(15 * SECOND);
    expect([heard.reconnects, peer.requests]).toEqual([['no_heartbeat'], []]);
  });

  it('is refused for a reverse account, which NapCat dials on one node only', () => {
    const { links } = make();
    const account = { selfId: SELF, pool: DEFAULT_POOL, mode: 'reverse', token: { reveal: () => TOKEN } } as const;
    expect(() => links.add(account, { role: 'standby' })).toThrow(/nobody can stand by/);
  });
});
