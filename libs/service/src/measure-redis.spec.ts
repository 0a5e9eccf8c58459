import { describe, expect, it } from '@jest/globals';
import { Metrics } from '@rookery/telemetry';
import { FakeClock } from '@rookery/testing';
import { measureRedis } from './measure-redis';
import type { Service } from './service';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('measureRedis', () => {
  it('asks every five seconds, counts what fails, and ends when told', async () => {
    const clock = new FakeClock();
    const metrics = new Metrics({ app: 'test', version: '0', node: 'n' });
    let isThere = true;
    const ping = () => (isThere ? Promise.resolve('PONG') : Promise.reject(new Error('away')));
    const stop = measureRedis({ clock, metrics } as unknown as Service, { ping } as never);
    clock.advance(5_000);
    await turn();
    isThere = false;
    clock.advance(5_000);
    await turn();
    const text = await metrics.exposition();
    expect(text).toContain('rookery_redis_seconds_count 1');
    expect(text).toContain('rookery_redis_errors_total{client="main"} 1');
    stop();
    clock.advance(60_000);
    await turn();
    expect(await metrics.exposition()).toContain('rookery_redis_errors_total{client="main"} 1');
  });
});
