import { readQueueDepths } from '@rookery/queues';
import {
  AccountBoard,
  AccountRegistry,
  DeadLetters,
  liveNodes,
  RedisLeaseStore,
  redisStanding,
  Retries,
  type Redis,
} from '@rookery/redis';
import { viewAccounts, type Service } from '@rookery/service';
import { observeWatch } from './observe-watch';
import { survey, type Sights } from './survey';
import { Watch } from './watch';

/** Makes this node ready to watch over the cluster. Resolves at once, whether Redis answers or not; `stop` before Redis is closed. */
export function startWatch(service: Service, redis: Redis): { readonly stop: () => Promise<void> } {
  const { node, settings, clock } = service;
  const sights = sightsOf(service, redis);
  const watch = new Watch({
    node,
    zone: settings.zone,
    store: new RedisLeaseStore(redis, 'watch'),
    clock,
    look: () => survey(sights),
    // The others find out by their own rounds, within two seconds; nobody waits for this lease.
    announce: () => undefined,
  });
  observeWatch(service, watch);
  void watch.start();
  return { stop: () => watch.stop() };
}

function sightsOf({ config, clock }: Service, redis: Redis): Sights {
  const { partitions } = config;
  const registry = new AccountRegistry({ redis, config });
  const board = new AccountBoard(redis);
  const letters = new DeadLetters(redis);
  const retries = new Retries({ redis, partitions, onForeign: () => undefined });
  const stores = {
    accounts: new RedisLeaseStore(redis, 'accounts'),
    partitions: new RedisLeaseStore(redis, 'partitions'),
  };
  return {
    clock,
    partitions,
    liveNodes: () => liveNodes(redis),
    accounts: () => viewAccounts({ registry, board }),
    leased: async (realm) => new Set((await stores[realm].all()).map(({ key }) => key)),
    queues: (accounts, now) => readQueueDepths(redis, { partitions, accounts, now }),
    deadLetters: () => letters.count(),
    retries: () => retries.count(),
    redis: () => redisStanding(redis),
  };
}
