import { describe, expect, it } from '@jest/globals';
import { redactedRedisUrl } from './connection-options';

describe('redactedRedisUrl', () => {
  it.each([
    ['redis://:pw@h:1/2', 'redis://:***@h:1/2'],
    ['rediss://u:p@ss@h', 'rediss://u:***@h'],
    ['redis://u@h:1', 'redis://u@h:1'],
    ['redis+cluster://u:pw@a:1,b:2', 'redis+cluster://u:***@a:1,b:2'],
    [
      'redis+sentinel://:pw@a/m?sentinelUsername=s&sentinelPassword=q%26&x=1',
      'redis+sentinel://:***@a/m?sentinelUsername=s&sentinelPassword=***&x=1',
    ],
    ['unix:///run/a.sock', 'unix:///run/a.sock'],
  ])('tells no password of %s', (url, shown) => {
    expect(redactedRedisUrl(url)).toBe(shown);
  });
});
