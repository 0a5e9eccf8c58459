import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { connectRedis, type Redis } from './client';

let server: TestRedis;
let producer: Redis;
beforeEach(async () => {
  server = await startTestRedis({ alone: true });
  producer = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
afterEach(async () => {
  producer.disconnect();
  await server.stop();
});

describe('a call of a producer', () => {
  it('fails while Redis is silent, and may be carried out later all the same: so ids are the same when it is repeated', async () => {
    const operator = await connectRedis(server.url, 'consumer', 'test', () => undefined);
    await operator.client('PAUSE', 60_000, 'WRITE');
    await expect(producer.set('key', 'late')).rejects.toThrow('Command timed out');
    await operator.client('UNPAUSE');
    while ((await operator.get('key')) !== 'late') await new Promise((resolve) => setTimeout(resolve, 5));
    operator.disconnect();
  });

  it('fails at once while there is no connection: nothing is queued in memory', async () => {
    const closed = new Promise((resolve) => producer.once('close', resolve));
    process.kill(server.pid, 'SIGKILL');
    await closed;
    await expect(producer.set('key', 'never')).rejects.toThrow(/offline|closed/i);
  });
});
