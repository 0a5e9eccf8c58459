import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId } from '@rookery/protocol';
import { dialIn, eventually, FakeClock, ScriptedNapcat, type ScriptedPeer } from '@rookery/testing';
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
  const links = new Links({ clock, random: () => 0.5, reverse: REVERSE });
  const events: unknown[] = [];
  links.on('event', (_self, frame) => events.push(frame['text'] ?? frame['meta_event_type']));
  ends.push(async () => {
    await links.close();
    expect(clock.pending).toBe(0);
  });
  const state = (wanted: string) => eventually(wanted, () => links.status(SELF)?.state === wanted);
  return { clock, links, events, state };
}

describe('Links: handing over', () => {
  it('tells when the next holder has been greeted, at once when it is, and no when the time is up', async () => {
    const { clock, links } = make();
    const server = await ScriptedNapcat.start('10001');
    ends.push(() => server.close());
    const early = links.greeted(SELF, 1000);
    clock.advance(1000);
    expect(await early).toBe(false);
    links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url: server.url });
    const greeted = links.greeted(SELF, 10_000);
    (await server.peer(0)).lifecycle();
    expect([await greeted, await links.greeted(SELF, 10_000)]).toEqual([true, true]);
  });

  const reverse = { selfId: SELF, pool: DEFAULT_POOL, mode: 'reverse', token: { reveal: () => TOKEN } } as const;
  async function awaited() {
    const made = make();
    const claimed: string[] = [];
    made.links.on('claimed', (self) => claimed.push(self));
    await made.links.listen();
    made.links.expect(reverse);
    const comeIn = async () => {
      const peer = await dialIn(`ws://127.0.0.1:${made.links.reversePort}${REVERSE.path}`, '10001', TOKEN);
      ends.unshift(() => peer.ws.terminate());
      return peer;
    };
    return { ...made, claimed, comeIn };
  }
  const gone = (peer: ScriptedPeer) => eventually('the close', () => peer.closed !== undefined);

  it('lets the NapCat of another node’s account in, and links it when the account is added: no frame is missing', async () => {
    const { links, claimed, comeIn, state, events } = await awaited();
    const peer = await comeIn();
    peer.lifecycle();
    peer.event({ post_type: 'message', text: 'said meanwhile' });
    await eventually('the claim', () => claimed.length === 1);
    expect(links.status(SELF)).toBeUndefined();
    links.add(reverse);
    await state('online');
    await eventually('the message', () => events.length === 2);
    expect(events).toEqual(['lifecycle', 'said meanwhile']);
    // Given up again, it may still dial in.
    await links.remove(SELF);
    await gone(peer);
    await comeIn();
    await eventually('the second claim', () => claimed.length === 2);
  });

  it('turns it away when the account does not become ours in time, the newest connection last', async () => {
    const { clock, links, claimed, comeIn } = await awaited();
    const older = await comeIn();
    await eventually('the claim', () => claimed.length === 1);
    const newer = await comeIn();
    await gone(older);
    expect(older.closed?.[0]).toBe(4001);
    expect(newer.closed).toBeUndefined();
    clock.advance(10_000);
    await gone(newer);
    expect(newer.closed?.[0]).toBe(1013);
    const last = await comeIn();
    await eventually('the last claim', () => claimed.length === 3);
    links.unexpect(SELF);
    await gone(last);
    await expect(comeIn()).rejects.toThrow('401');
  });

  it('forgets a connection that leaves by itself before the account is ours', async () => {
    const { clock, links, claimed, comeIn } = await awaited();
    const peer = await comeIn();
    await eventually('the claim', () => claimed.length === 1);
    expect(clock.pending).toBe(1);
    peer.ws.terminate();
    clock.advance(10_000); // paused sockets notice late; the bound holds
    await eventually('no timer', () => clock.pending === 0);
    links.add(reverse);
    expect(links.status(SELF)?.reason).toBe('waiting for NapCat to dial in');
  });
});
