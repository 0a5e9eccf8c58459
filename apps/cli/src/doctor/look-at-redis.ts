import { parseRedisUrl } from '@rookery/config';
import type { RedisFacts } from '@rookery/redis';
import type { Finding, FindingId, Text } from './finding';

/** What scripts and BullMQ need, and what is tested. */
const OLDEST_VERSION: readonly [number, number] = [6, 2];
/** At 80 % intake stops; a tenth before that there is time to act. */
const MEMORY_SHARE = 0.7;
/** Expiry of replies and quiet hours are read off both clocks. */
const CLOCK_MS = 5_000;

export interface RedisVisit {
  /** Without its password. */
  readonly shownUrl: string;
  readonly facts: RedisFacts;
  /** Our clock in the middle of the question, milliseconds since 1970, and how long the question took. */
  readonly askedAt: number;
  readonly tookMs: number;
}

/** What is wrong with a Redis that answers. */
export function lookAtRedis(visit: RedisVisit, partitions: number): Finding[] {
  const { shownUrl, facts } = visit;
  const found: Finding[] = [];
  const report = (id: FindingId, problem: Text, remedy: Text) => found.push({ id, place: shownUrl, problem, remedy });
  const { version, evictionPolicy } = facts;
  if (version !== undefined && isOlder(version)) {
    report(
      'redis-version',
      { en: `Redis ${version} is too old`, zh: `Redis ${version} 版本过旧` },
      { en: 'install Redis 6.2 or newer, or any Valkey', zh: '请安装 Redis 6.2 或更新版本，或任意版本的 Valkey' },
    );
  }
  if (facts.isReplica) {
    report(
      'redis-replica',
      { en: 'this server is a replica and refuses writes', zh: '这是只读副本，无法写入' },
      {
        en: 'name the primary, or promote this one with REPLICAOF NO ONE',
        zh: '请改用主节点地址，或执行 REPLICAOF NO ONE 将其提升为主节点',
      },
    );
  }
  if (facts.appendOnly === false) {
    report(
      'redis-append-only',
      {
        en: 'the append-only file is off: a restart of Redis loses all waiting messages',
        zh: '未开启 AOF：Redis 重启会丢失全部等待中的消息',
      },
      {
        en: 'CONFIG SET appendonly yes, and `appendonly yes` in redis.conf',
        zh: '执行 CONFIG SET appendonly yes，并在 redis.conf 中写 appendonly yes',
      },
    );
  }
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
    report(
      'redis-eviction',
      {
        en: `maxmemory-policy is ${evictionPolicy}: when memory is full Redis deletes messages`,
        zh: `maxmemory-policy 为 ${evictionPolicy}：内存满时 Redis 会删除消息`,
      },
      {
        en: 'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
        zh: '执行 CONFIG SET maxmemory-policy noeviction，并写入 redis.conf',
      },
    );
  }
  if (!facts.persistenceOk) {
    report(
      'redis-persistence',
      { en: 'Redis could not write its data to disk the last time', zh: 'Redis 最近一次写盘失败' },
      { en: 'free space on its disk, then read its log', zh: '请清理磁盘空间，并查看 Redis 日志' },
    );
  }
  found.push(...memoryFindings(visit));
  if (facts.partitions !== undefined && facts.partitions !== partitions) {
    report(
      'redis-partitions',
      {
        en: `the cluster in this Redis uses ${facts.partitions} partitions, the settings say ${partitions}`,
        zh: `此 Redis 中的集群使用 ${facts.partitions} 个分区，而配置为 ${partitions}`,
      },
      {
        en: `set \`partitions: ${facts.partitions}\`, or use an empty Redis`,
        zh: `请设置 \`partitions: ${facts.partitions}\`，或使用空的 Redis`,
      },
    );
  }
  const apartMs = Math.abs(facts.timeMs - visit.askedAt) - visit.tookMs;
  if (apartMs > CLOCK_MS) {
    const seconds = Math.round(apartMs / 1000);
    report(
      'clock',
      {
        en: `the clocks of Redis and of this machine differ by ${seconds} s`,
        zh: `Redis 与本机的时钟相差 ${seconds} 秒`,
      },
      { en: 'keep both in time, for example with chrony or NTP', zh: '请用 chrony 或 NTP 校准两台机器的时间' },
    );
  }
  return found;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
}

function memoryFindings({ shownUrl, facts }: RedisVisit): Finding[] {
  const limit = facts.memoryLimitBytes > 0 ? facts.memoryLimitBytes : facts.systemMemoryBytes;
  if (limit === 0 || facts.memoryBytes < limit * MEMORY_SHARE) return [];
  const percent = Math.round((100 * facts.memoryBytes) / limit);
  return [
    {
      id: 'redis-memory',
      place: shownUrl,
      problem: {
        en: `${percent} % of its memory is used; at 80 % Rookery takes no more messages in`,
        zh: `内存已使用 ${percent} %；达到 80 % 时 Rookery 停止接收消息`,
      },
      remedy: {
        en: 'raise maxmemory or give the machine more memory; docs/runbooks/RookeryRedisMemoryHigh.md says what fills it',
        zh: '请调高 maxmemory 或增加内存；原因排查见 docs/runbooks/RookeryRedisMemoryHigh.md',
      },
    },
  ];
}

/** What is wrong with the address itself, in the light of what answered there. */
export function lookAtAddress(url: string, shownUrl: string, facts: readonly RedisFacts[]): Finding[] {
  const address = parseRedisUrl(url);
  if ('problem' in address) return [];
  const found: Finding[] = [];
  if (address.kind !== 'cluster' && facts.some(({ isCluster }) => isCluster)) {
    found.push({
      id: 'redis-cluster',
      place: shownUrl,
      problem: {
        en: 'this is one server of a Redis Cluster, and named as if it were alone',
        zh: '这是 Redis Cluster 中的一个节点，但地址写成了单个 Redis',
      },
      remedy: {
        en: 'write redis+cluster://host:port,host:port with two or three of its servers',
        zh: '请写成 redis+cluster://主机:端口,主机:端口，列出其中两三个节点',
      },
    });
  }
  // Whoever reaches a Redis without a password reads every message and can send in the name of every account.
  const isOpen = address.kind !== 'socket' && address.login.password === undefined && address.tls?.cert === undefined;
  if (isOpen && address.hosts.some(({ host }) => !/^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host))) {
    found.push({
      id: 'redis-open',
      place: shownUrl,
      problem: { en: 'it is used over the network without a password', zh: '通过网络访问却没有设置密码' },
      remedy: {
        en: 'set requirepass (or an ACL user) and put the password into the address: redis://:${file:secrets/redis}@host:6379',
        zh: '请设置 requirepass（或 ACL 用户），并把密码写入地址：redis://:${file:secrets/redis}@host:6379',
      },
    });
  }
  return found;
}

/** What to say of a Redis that could not be asked. `cause` is the error of the connection, or says which rights are missing. */
export function redisSilent(shownUrl: string, cause: string): Finding {
  if (/WRONGPASS|NOAUTH|NOPERM|ACL SETUSER/.test(cause)) {
    return {
      id: 'redis-login',
      place: shownUrl,
      problem: { en: `it refuses our login (${cause})`, zh: `拒绝登录（${cause}）` },
      remedy: {
        en: 'correct user and password in REDIS_URL or `redis.url`; docs/redis.md has the rights that the user needs',
        zh: '请更正 REDIS_URL 或 `redis.url` 中的用户名和密码；所需权限见 docs/redis.zh-CN.md',
      },
    };
  }
  return {
    id: 'redis-unreachable',
    place: shownUrl,
    problem: { en: `it does not answer (${cause})`, zh: `没有响应（${cause}）` },
    remedy: {
      en: 'start it, compare address and port, and let the firewall pass',
      zh: '请启动 Redis，核对地址和端口，并检查防火墙',
    },
  };
}
