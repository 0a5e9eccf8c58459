import { describe, expect, it } from '@jest/globals';
import { Health } from './health';

describe('Health', () => {
  it('is ready when every awaited part has said so', () => {
    const sut = new Health(['redis', 'consume']);
    expect(sut.problems).toEqual({ redis: 'not started', consume: 'not started' });
    sut.ready('redis');
    expect(sut.isReady).toBe(false);
    sut.ready('consume');
    expect(sut.isReady).toBe(true);
  });

  it('is not ready again when a part reports a problem, with its reason', () => {
    const sut = new Health([]);
    sut.notReady('redis', 'the connection is lost');
    expect({ ready: sut.isReady, problems: sut.problems }).toEqual({
      ready: false,
      problems: { redis: 'the connection is lost' },
    });
  });
});
