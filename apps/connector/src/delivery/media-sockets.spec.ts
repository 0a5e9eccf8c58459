import { afterEach, describe, expect, it } from '@jest/globals';
import { actionId, DEFAULT_POOL, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { EndpointHost, seededRandom, World } from '@rookery/simulator';
import { eventually, FakeClock } from '@rookery/testing';
import { Links } from '../link/links';
import { AccountDelivery } from './account-delivery';
import type { MediaProgress } from './media';

const SELF = selfId('10001');
const GROUP = '700001';
const CHUNK = 128 * 1024;
/** 600 KiB of base64: most of what the parameters of an action may hold. */
const PICTURE = Buffer.from(Array.from({ length: 450 * 1024 }, (_, i) => i % 251));
const INLINE = `base64://${PICTURE.toString('base64')}`;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** One account with its link and its deliveries, and a simulated NapCat behind a socket. The queue is in memory. */
async function setUp() {
  const clock = new FakeClock(1_700_000_000_000);
  const world = new World({ clock, random: seededRandom(3) });
  world.directory.addAccount(SELF, 'bot');
  world.directory.addGroup(GROUP, 'group');
  world.directory.join(GROUP, SELF);
  const host = new EndpointHost({ world, clock, heartbeatMs: 0 });
  const endpoint = host.add(SELF);
  await host.listen();
  const links = new Links({ clock, random: () => 0.5 });
  ends.push(async () => {
    await links.close();
    await host.close();
  });
  links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url: host.url(SELF) });
  await eventually('online', () => links.status(SELF)?.state === 'online');

  const queue: Action[] = [];
  const seen = { back: 0, released: 0, results: [] as ActionResult[], progress: [] as MediaProgress[] };
  const sut = new AccountDelivery({
    self: SELF,
    epoch: () => 1,
    clock,
    inFlight: 1,
    pace: undefined,
    caller: links,
    waiting: {
      take: async () => {
        const action = queue.shift();
        if (action === undefined) return [];
        const putBack = async () => {
          seen.back += 1;
          queue.unshift(action);
          return undefined;
        };
        return [{ action, tries: 0, done: async () => undefined, putBack }];
      },
    },
    claims: {
      claim: async () => ({ kind: 'taken' }),
      endUnbegun: async (result) => result,
      record: async (result) => result,
      release: async () => (seen.released += 1) > 0,
    },
    onEnded: (_action, result) => seen.results.push(result),
    onStale: () => undefined,
    onLate: () => undefined,
    onRetried: () => undefined,
    random: () => 0.5,
    onProgress: (progress) => seen.progress.push(progress),
    onTrouble: (error) => {
      throw error;
    },
  });
  links.on('status', ({ state }) => (state === 'online' ? sut.open() : sut.close()));
  sut.open();
  const send = (): void => {
    const message = [
      { type: 'text', data: { text: 'look' } },
      { type: 'image', data: { file: INLINE } },
    ];
    queue.push({
      v: 1,
      id: actionId('a1'),
      self: SELF,
      name: 'send_group_msg',
      params: { group_id: GROUP, message },
      lane: 'interactive',
      createdAt: clock.now(),
      expiresAt: clock.now() + 600_000,
      origin: { plugin: 'test' },
    });
    sut.wake();
  };
  /** The pictures of the messages that came to the group. */
  const pictures = () =>
    world.audit.sent({ action: 'send_group_msg' }).map(({ params }) => {
      const [, image] = params['message'] as { data: { file: string } }[];
      return image?.data.file;
    });
  return { clock, world, endpoint, links, seen, send, pictures, sut };
}

describe('a large picture on its way to NapCat', () => {
  it('goes up in chunks, and the message names the file that NapCat has put together', async () => {
    const { endpoint, world, seen, send, pictures } = await setUp();
    send();
    await eventually('the message', () => seen.results.length === 1);
    expect(seen.results).toMatchObject([{ outcome: 'sent' }]);
    const [path] = pictures();
    expect(path).toMatch(/^\/app\//);
    expect(endpoint.files.get(path ?? '')?.equals(PICTURE)).toBe(true);
    expect(seen.progress.map(({ doneBytes }) => doneBytes)).toEqual([CHUNK, 2 * CHUNK, 3 * CHUNK, PICTURE.length]);
    expect(world.audit.violations).toEqual([]);
  });

  it('sends nothing when the link is lost in the middle, puts the action back, and sends it once the link is there again', async () => {
    const { clock, endpoint, links, seen, send, pictures } = await setUp();
    send();
    await eventually('the first chunk', () => seen.progress.length === 1);
    endpoint.terminate();
    await eventually('the action is back', () => seen.back === 1);
    expect(pictures()).toEqual([]);
    expect(seen).toMatchObject({ released: 0, results: [] });
    await eventually('the link is down', () => links.status(SELF)?.state !== 'online');
    clock.advance(60_000);
    await eventually('online again', () => links.status(SELF)?.state === 'online');
    await eventually('the message', () => seen.results.length === 1);
    expect(endpoint.files.get(pictures()[0] ?? '')?.equals(PICTURE)).toBe(true);
    expect(pictures()).toHaveLength(1);
  });

  it('stays base64 where NapCat does not know upload_file_stream', async () => {
    const { endpoint, seen, send, pictures } = await setUp();
    endpoint.faults.refuse(2, '不支持的API upload_file_stream', 'upload_file_stream', 1404);
    send();
    await eventually('the message', () => seen.results.length === 1);
    expect(seen.results).toMatchObject([{ outcome: 'sent' }]);
    expect(pictures()).toEqual([INLINE]);
    expect(endpoint.files.size).toBe(0);
  });
});
