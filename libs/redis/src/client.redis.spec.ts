import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, startTestRedis, type TestRedis } from '@rookery/testing';
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

describe('a server that has become a replica behind the same address', () => {
  it('is left for whoever is there by then: a call of a producer fails, one of a consumer waits', async () => {
    const [operator, consumer] = await Promise.all(
      ['operator', 'consumer'].map((name) => connectRedis(server.url, 'consumer', name, () => undefined)),
    );
    if (!operator || !consumer) throw new Error('there are no connections');
    await operator.call('REPLICAOF', ['127.0.0.1', '1']);
    const closed = new Promise((resolve) => producer.once('close', resolve));
    await expect(producer.set('key', 'refused')).rejects.toThrow('READONLY');
    await closed;
    const again = new Promise((resolve) => consumer.once('close', resolve));
    const kept = consumer.set('key', 'kept');
    await again;
    await operator.call('REPLICAOF', ['NO', 'ONE']);
    expect(await kept).toBe('OK');
    expect(await operator.get('key')).toBe('kept');
    for (const connection of [operator, consumer]) connection.disconnect();
  });
});

describe('a login that Redis does not accept', () => {
  it.each([
    ['WRONGPASS', 'rookery:wrong'],
    ['NOAUTH', ''],
  ])('is told as such: %s', async (word, login) => {
    const operator = await connectRedis(server.url, 'consumer', 'operator', () => undefined);
    const port = String(await freePort());
    await operator.call('CONFIG', ['SET', 'port', port, 'requirepass', 'right']);
    await operator.call('ACL', ['SETUSER', 'rookery', 'on', '>right', '+@all', '~*']);
    const url = `redis://${login}${login && '@'}127.0.0.1:${port}`;
    await expect(connectRedis(url, 'producer', 'test', () => undefined)).rejects.toThrow(
      new RegExp(`refuses us \\(.*${word}.*correct user and password`),
    );
    operator.disconnect();
  });
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
