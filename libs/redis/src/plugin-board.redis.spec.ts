import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { channels, nodeId } from '@rookery/protocol';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { connectRedis, type Redis } from './client';
import { PluginBoard } from './plugin-board';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});

const none = { commands: [], keywords: [], regexes: [], listeners: [], schedules: [] };
const MINUTE_MS = 60_000;
const post = (node: string, ids: readonly string[], at: number, broken: readonly string[] = []) =>
  new PluginBoard(redis).post({
    node: nodeId(node),
    manifests: ids.map((id) => ({ id, ...none })),
    unfit: broken.map((module) => ({ module, reason: `${module} has no handler` })),
    at,
  });
const ids = async () => (await new PluginBoard(redis).all()).map(({ id }) => id);

/** Opens the control channel of a node, as its process does; the nodes of a test end with it. */
async function withLiving(nodes: readonly string[], act: () => Promise<void>): Promise<void> {
  const subscriber = await connectRedis(server.url, 'producer', 'living', () => undefined);
  if (nodes.length > 0) await subscriber.subscribe(...nodes.map((node) => channels.control(nodeId(node))));
  try {
    await act();
  } finally {
    subscriber.disconnect();
  }
}

describe('PluginBoard', () => {
  it('shows what workers have posted, sorted, without what it does not know', async () => {
    await post('worker-1', [], 0);
    await post('worker-1', ['b', 'a'], 0);
    await redis.hset('rookery:plugins', 'c', '{"id":"c"}', '@worker-9', '{"of":"another version"}');
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('shows what could not be loaded and why, once, and no more when the next worker loads it', async () => {
    await post('worker-1', ['a'], 0, ['/plugins/x.js', '/plugins/b.js']);
    await post('worker-2', ['a'], 0, ['/plugins/b.js']);
    expect(await new PluginBoard(redis).unfit()).toEqual([
      { module: '/plugins/b.js', reason: '/plugins/b.js has no handler' },
      { module: '/plugins/x.js', reason: '/plugins/x.js has no handler' },
    ]);
    await withLiving(['worker-3'], async () => {
      await post('worker-3', ['a', 'b'], 1);
      expect(await new PluginBoard(redis).unfit()).toEqual([]);
    });
  });

  it('forgets what only workers have loaded that are gone, and keeps what a living one has', async () => {
    await post('worker-1', ['gone', 'shared'], 0);
    await post('worker-2', ['other'], 0);
    await withLiving(['worker-2'], async () => {
      await post('worker-3', ['shared'], 2 * MINUTE_MS);
      expect(await redis.hkeys('rookery:plugins').then((fields) => fields.toSorted())).toEqual([
        '@worker-2',
        '@worker-3',
        'other',
        'shared',
      ]);
    });
  });

  it('a worker that has just posted and is not heard of yet is not taken for a dead one', async () => {
    await post('worker-1', ['a'], 10);
    await post('worker-2', ['b'], 20);
    expect(await ids()).toEqual(['a', 'b']);
    await post('worker-3', ['c'], 20 + MINUTE_MS);
    expect(await ids()).toEqual(['b', 'c']);
  });

  it('a plugin of a worker that died is not shown while others live, and is when none does', async () => {
    await post('worker-1', ['old'], 0);
    await post('worker-2', ['new'], 0);
    await withLiving(['worker-2'], async () => expect(await ids()).toEqual(['new']));
    await withLiving([], async () => expect(await ids()).toEqual(['new', 'old']));
  });

  it('a reason as long as a book is cut', async () => {
    await new PluginBoard(redis).post({
      node: nodeId('worker-1'),
      manifests: [],
      unfit: [{ module: 'x', reason: 'y'.repeat(5_000) }],
      at: 0,
    });
    expect((await new PluginBoard(redis).unfit())[0]?.reason).toHaveLength(1_000);
  });
});
