import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { connectRedis, type Redis, type RedisUse } from '@rookery/redis';
import { startTestRedis, type TestRedis, type TestRedisOptions } from './private-redis';

/**
 * Gives a test file a Redis of its own: started and connected before its tests, emptied before each of them, stopped after the last.
 * `given` gets the connection. A connection that fails meanwhile fails the file.
 */
export function withTestRedis(
  given: (redis: Redis) => void,
  { use = 'producer', ...options }: TestRedisOptions & { readonly use?: RedisUse } = {},
): void {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis(options);
    redis = await connectRedis(server.url, use, 'test', (error) => {
      throw error;
    });
    given(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());
}
