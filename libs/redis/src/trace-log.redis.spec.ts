import { describe, expect, it } from '@jest/globals';
import { eventId, nodeId, selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { TraceLog, type TraceRecord } from './trace-log';

let redis: Redis;
let sut: TraceLog;

withTestRedis((connected) => {
  redis = connected;
  sut = new TraceLog(redis);
});

const record = (id: string, node: string): TraceRecord => ({
  v: 1,
  event: eventId(id),
  node: nodeId(node),
  self: selfId('10001'),
  steps: [{ at: 5, stage: 'ran', what: 'ping.ping', tookMs: 3 }],
});

describe('TraceLog', () => {
  it('gives all that several nodes have told of an event, among thousands of others', async () => {
    await sut.append([record('e1', 'worker-1')]);
    await sut.append(Array.from({ length: 2_500 }, (_, n) => record(`other-${n}`, 'worker-1')));
    await sut.append([record('e1', 'connector-1')]);
    expect((await sut.find(eventId('e1'))).map(({ node }) => node)).toEqual(['worker-1', 'connector-1']);
    expect(await sut.find(eventId('e2'))).toEqual([]);
    expect(await sut.latest(2)).toEqual(['e1', 'other-2499']);
  });

  it('is bounded by number and by age', async () => {
    // In calls of the size that nodes make: a producer's call has one second.
    for (let n = 0; n < 50; n++) await sut.append(Array.from({ length: 500 }, (_, k) => record(`e-${n}-${k}`, 'w')));
    expect(await redis.xlen('rookery:trace')).toBeLessThan(20_500);
    expect(await redis.ttl('rookery:trace')).toBeGreaterThan(86_000);
  });
});
