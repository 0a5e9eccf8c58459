import { appOf, type AccountState, type AppName, type Clock, type NodeId, type SelfId } from '@rookery/protocol';
import type { QueueDepths } from '@rookery/queues';
import type { RedisStanding } from '@rookery/redis';
import type { AccountView } from '@rookery/service';

/** One account as the cluster knows it. `isOwned`: a connector holds its lease. */
export type WatchedAccount = AccountView & { readonly isOwned: boolean };

/** The cluster at one moment. */
export interface ClusterPicture {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: Readonly<Record<AppName, number>>;
  readonly accounts: readonly WatchedAccount[];
  readonly partitionsUnowned: number;
  readonly queues: QueueDepths;
  readonly deadLetters: number;
  readonly retries: number;
  readonly redis: RedisStanding;
}

/** Where a survey looks; each rejects when Redis is away. */
export interface Sights {
  readonly clock: Clock;
  readonly partitions: number;
  liveNodes(): Promise<readonly NodeId[]>;
  accounts(): Promise<readonly AccountView[]>;
  /** Keys with a valid lease. */
  leased(realm: 'accounts' | 'partitions'): Promise<ReadonlySet<string>>;
  queues(accounts: readonly SelfId[], now: number): Promise<QueueDepths>;
  deadLetters(): Promise<number>;
  retries(): Promise<number>;
  redis(): Promise<RedisStanding>;
}

/** Looks at all of the cluster once. */
export async function survey(sights: Sights): Promise<ClusterPicture> {
  const at = sights.clock.now();
  const [nodes, views, owned, partitions] = await Promise.all([
    sights.liveNodes(),
    sights.accounts(),
    sights.leased('accounts'),
    sights.leased('partitions'),
  ]);
  const [queues, deadLetters, retries, redis] = await Promise.all([
    sights.queues(
      views.map(({ self }) => self),
      at,
    ),
    sights.deadLetters(),
    sights.retries(),
    sights.redis(),
  ]);
  const count = (app: AppName) => nodes.filter((node) => appOf(node) === app).length;
  return {
    at,
    nodes: { connector: count('connector'), worker: count('worker'), console: count('console') },
    accounts: views.map((view) => ({ ...view, isOwned: owned.has(view.self) })),
    partitionsUnowned: Math.max(0, sights.partitions - partitions.size),
    queues,
    deadLetters,
    retries,
    redis,
  };
}

/** An account that the operator wants at work and that no connector holds. */
export const isForsaken = ({ wanted, isOwned }: WatchedAccount): boolean => wanted !== 'stopped' && !isOwned;

/** The state that counts: what a dead connector said last is no news. */
export function presentState(account: WatchedAccount): AccountState {
  if (account.isOwned) return account.state;
  return account.wanted === 'stopped' ? 'stopped' : 'connecting';
}
