import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl, REDIS_URL_FORMS, type RedisAddress } from './redis-address';

describe('parseRedisUrl', () => {
  it.each<[string, RedisAddress]>([
    ['unix:///run/a%20b.sock', { kind: 'socket', path: '/run/a b.sock' }],
    ['redis://h', { kind: 'single', hosts: [{ host: 'h', port: 6379 }], login: {}, db: 0 }],
    [
      'redis://:p%40%2Fw@[::1]:7000/3',
      { kind: 'single', hosts: [{ host: '::1', port: 7000 }], login: { password: 'p@/w' }, db: 3 },
    ],
    [
      'rediss://rookery:pw@h:6380?ca=/ca.pem&cert=/c.pem&key=/k.pem&serverName=redis.example',
      {
        kind: 'single',
        hosts: [{ host: 'h', port: 6380 }],
        login: { username: 'rookery', password: 'pw' },
        tls: { ca: '/ca.pem', cert: '/c.pem', key: '/k.pem', serverName: 'redis.example' },
        db: 0,
      },
    ],
    [
      'redis+cluster://u:p@a:7000,b,10.0.0.3:7002',
      {
        kind: 'cluster',
        hosts: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
          { host: '10.0.0.3', port: 7002 },
        ],
        login: { username: 'u', password: 'p' },
      },
    ],
    ['rediss+cluster://a', { kind: 'cluster', hosts: [{ host: 'a', port: 6379 }], login: {}, tls: {} }],
    [
      'redis+sentinel://:p@s1,s2:26380/mymaster/2?sentinelUsername=s&sentinelPassword=q%26',
      {
        kind: 'sentinel',
        hosts: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 26380 },
        ],
        login: { password: 'p' },
        master: 'mymaster',
        db: 2,
        sentinelLogin: { username: 's', password: 'q&' },
      },
    ],
  ])('reads %s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  it.each([
    ['http://h', REDIS_URL_FORMS],
    ['localhost:6379', REDIS_URL_FORMS],
    ['redis://', REDIS_URL_FORMS],
    ['redis://a,b', REDIS_URL_FORMS],
    ['redis://a:70000', REDIS_URL_FORMS],
    ['redis://%:x@a', REDIS_URL_FORMS],
    ['redis+cluster://a,', REDIS_URL_FORMS],
    ['unix://run/r.sock', REDIS_URL_FORMS],
    ['redis://a/b', 'must end with the number of a database, or with none'],
    ['redis+cluster://a/1', 'names a database; a Redis Cluster has only one'],
    ['redis+sentinel://a', 'must end with /name, the name of the master in sentinel.conf'],
    ['redis://a?ca=/ca.pem', 'has the parameter ca, which has no meaning there'],
    ['rediss://a?insecure=1', 'has the parameter insecure, which has no meaning there'],
    ['rediss://a?ca=ca.pem', 'must have an absolute path in ca='],
    ['rediss://a?cert=/c.pem', 'needs cert= and key=, both or none'],
  ])('refuses %s and says why, without repeating it', (url, problem) => {
    expect(parseRedisUrl(url)).toEqual({ problem });
  });
});
