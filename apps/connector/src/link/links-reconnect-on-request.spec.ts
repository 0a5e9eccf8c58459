import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkAccount } from '@rookery/config';
import { selfId, type AccountState } from '@rookery/protocol';
import { dialIn, eventually, FakeClock, ScriptedNapcat } from '@rookery/testing';
import { Links } from './links';

const self = selfId('10001');
/** Dials of all accounts follow one another at a bounded pace; this is far below any back-off. */
const PACE_MS = 100;
const REVERSE = { host: '127.0.0.1', port: 0, path: '/ws' };

let links: Links;
let clock: FakeClock;
let states: AccountState[];

beforeEach(() => {
  clock = new FakeClock();
  links = new Links({ clock, random: () => 0.5, reverse: REVERSE });
  states = [];
  links.on('status', ({ state }) => states.push(state));
});
afterEach(() => links.close());

const account = (fields: object) => checkAccount({ selfId: self, token: 'a-token', ...fields }, 'test', REVERSE);

describe('Links.reconnect', () => {
  it('drops a forward connection and dials again at once, once', async () => {
    const napcat = await ScriptedNapcat.start(self);
    try {
      napcat.onPeer = (peer) => peer.lifecycle();
      links.add(account({ mode: 'forward', url: napcat.url }));
      await eventually('online', () => states.at(-1) === 'online');
      const first = await napcat.peer(0);
      const call = links.call(self, 'get_status', {}, { timeoutMs: 60_000 });
      await first.request('get_status');
      expect(links.reconnect(self)).toBe(true);
      expect(await call).toMatchObject({ kind: 'closed', written: true });
      clock.advance(PACE_MS);
      await eventually('a second connection', () => napcat.peers.length === 2 && states.at(-1) === 'online');
      await eventually('the first is closed', () => first.closed !== undefined);
      expect(states.filter((state) => state === 'stopped')).toEqual([]);
      expect(napcat.peers).toHaveLength(2);
    } finally {
      await links.close();
      await napcat.close();
    }
  });

  it('does not wait for the back-off of a failed connection', async () => {
    const napcat = await ScriptedNapcat.start(self);
    try {
      napcat.onPeer = (peer) => peer.refuseToken();
      links.add(account({ mode: 'forward', url: napcat.url }));
      await eventually('failed', () => states.at(-1) === 'failed');
      napcat.onPeer = (peer) => peer.lifecycle();
      links.reconnect(self);
      clock.advance(PACE_MS);
      await eventually('online long before the next try', () => states.at(-1) === 'online');
      expect(napcat.peers).toHaveLength(2);
    } finally {
      await links.close();
      await napcat.close();
    }
  });

  it('closes a reverse connection and lets NapCat dial again', async () => {
    await links.listen();
    links.add(account({ mode: 'reverse' }));
    const url = `ws://127.0.0.1:${links.reversePort}/ws`;
    const first = await dialIn(url, self, 'a-token');
    first.lifecycle();
    await eventually('online', () => states.at(-1) === 'online');
    links.reconnect(self);
    await eventually('closed', () => first.closed !== undefined);
    expect(states.at(-1)).toBe('connecting');
    (await dialIn(url, self, 'a-token')).lifecycle();
    await eventually('online again', () => states.at(-1) === 'online');
  });

  it('knows nothing of an account that is not here', () => {
    expect(links.reconnect(self)).toBe(false);
  });
});
