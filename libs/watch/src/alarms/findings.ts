import type { SelfId } from '@rookery/protocol';
import { isForsaken, presentState, type ClusterPicture, type WatchedAccount } from '../survey';

/** Something that a person should know, as one look shows it. */
export interface Finding {
  /** The same for the same trouble, look after look. */
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  /** The account that it is about. */
  readonly self?: SelfId;
}

/** More accounts than this at once, and more than a fifth of all, have one cause: they are one finding. */
const MANY = 3;
const WAITING_TOO_LONG_S = 60;
const MEMORY_HIGH = 0.8;

/** What is wrong with the cluster; empty when all is well. */
export function findingsOf(picture: ClusterPicture): Finding[] {
  return [...accountFindings(picture.accounts), ...clusterFindings(picture)];
}

function accountFindings(accounts: readonly WatchedAccount[]): Finding[] {
  const down = accounts.filter(isDown);
  if (down.length > MANY && down.length > accounts.length / 5) {
    const some = down.slice(0, 5).map(({ self }) => self);
    return [
      {
        id: 'many-accounts',
        zh: `${down.length} 个账号同时掉线（共 ${accounts.length} 个）：${some.join('、')} 等`,
        en: `${down.length} of ${accounts.length} accounts are down at once: ${some.join(', ')} and others`,
      },
    ];
  }
  return down.map((account) => ({
    id: `account-${account.self}`,
    self: account.self,
    zh: `账号 ${account.self} 状态为 ${presentState(account)}：${account.reason}`,
    en: `account ${account.self} is ${presentState(account)}: ${account.reason}`,
  }));
}

/** Wanted, and neither hears nor answers. */
function isDown(account: WatchedAccount): boolean {
  if (account.wanted === 'stopped') return false;
  if (isForsaken(account)) return true;
  switch (account.state) {
    case 'offline':
    case 'failed':
    case 'deaf':
    case 'connecting':
    case 'stopped':
      return true;
    case 'online':
    case 'paused':
    case 'draining':
      return false;
  }
}

function clusterFindings({ nodes, partitionsUnowned, queues, redis }: ClusterPicture): Finding[] {
  const found: Finding[] = [];
  const say = (id: string, zh: string, en: string) => found.push({ id, zh, en });
  if (nodes.connector === 0) say('no-connector', '没有 connector 在运行', 'no connector is running');
  if (nodes.worker === 0) say('no-worker', '没有 worker 在运行', 'no worker is running');
  else if (partitionsUnowned > 0) {
    say(
      'partitions',
      `${partitionsUnowned} 个分区没有 worker 负责`,
      `${partitionsUnowned} partitions are held by no worker`,
    );
  }
  const oldest = Math.round(queues.inboundOldestSeconds);
  if (oldest > WAITING_TOO_LONG_S) {
    say('inbound', `最早的消息已等待 ${oldest} 秒`, `the oldest message has waited for ${oldest} s`);
  }
  if (redis.memoryLimitBytes > 0 && redis.memoryBytes > MEMORY_HIGH * redis.memoryLimitBytes) {
    const share = Math.round((100 * redis.memoryBytes) / redis.memoryLimitBytes);
    say('redis-memory', `Redis 已使用 ${share}% 的内存`, `Redis uses ${share} % of its memory`);
  }
  if (!redis.persistenceOk) say('redis-disk', 'Redis 无法写入磁盘', 'Redis cannot write its data to disk');
  return found;
}
