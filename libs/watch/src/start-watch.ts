import { channels } from '@rookery/protocol';
import { ActionPublisher, readQueueDepths, SharedQueueBackend } from '@rookery/queues';
import {
  AccountBoard,
  AccountRegistry,
  ActionAccounts,
  ActionClaims,
  DeadLetters,
  liveNodes,
  OutgoingSends,
  RedisLeaseStore,
  redisStanding,
  Retries,
  WaitingReads,
  type Redis,
} from '@rookery/redis';
import { ResultSender, viewAccounts, type ControlChannel, type Service } from '@rookery/service';
import { Alarms, type Channel } from './alarms/alarms';
import { Mail } from './alarms/mail';
import { Sibling } from './alarms/sibling';
import { storedAlarms } from './alarms/stored-alarms';
import { Webhook } from './alarms/webhook';
import { observeAlarms } from './observe-alarms';
import { observeOrphans } from './orphans/observe-orphans';
import { Orphans } from './orphans/orphans';
import { observeWatch } from './observe-watch';
import { survey, type ClusterPicture, type Sights } from './survey';
import { Watch } from './watch';

/**
 * Makes this node ready to watch over the cluster. Resolves at once, whether Redis answers or not; `stop` before Redis is closed. `look`
 * has a look at once, whichever node watches, and rejects when Redis does not answer.
 */
export function startWatch(
  service: Service,
  redis: Redis,
  control: Pick<ControlChannel, 'emit'>,
): { readonly look: () => Promise<ClusterPicture>; readonly stop: () => Promise<void> } {
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
  const backend = new SharedQueueBackend(redis);
  const channelsOfAll = channelsOf(service, backend, control);
  if (channelsOfAll.length > 0) {
    const { afterSeconds, quietMinutes } = service.config.alerts;
    const memory = storedAlarms(redis);
    const alarms = new Alarms({ clock, memory, channels: channelsOfAll, afterSeconds, quietMinutes });
    observeAlarms(service, watch, alarms);
  }
  const orphans = orphansOf(service, redis);
  const results = new ResultSender((channel, data) => control.emit(channel, data));
  observeOrphans(service, orphans);
  orphans.on('ended', ({ replyTo }, result) => {
    if (replyTo !== undefined) results.send(replyTo, result);
  });
  watch.on('looked', () => void orphans.sweep());
  void watch.start();
  return {
    look: () => survey(sights),
    async stop() {
      await watch.stop();
      await orphans.stop();
      await backend.close();
    },
  };
}

function orphansOf({ clock }: Service, redis: Redis): Orphans {
  const leases = new RedisLeaseStore(redis, 'accounts');
  return new Orphans({
    accounts: new ActionAccounts(redis),
    held: async () => new Set((await leases.all()).map(({ key }) => key)),
    sends: new OutgoingSends(redis),
    reads: new WaitingReads(redis),
    claims: new ActionClaims(redis),
    clock,
  });
}

/** The ways to tell people that the configuration names. */
function channelsOf(
  { config, clock }: Service,
  backend: SharedQueueBackend,
  control: Pick<ControlChannel, 'emit'>,
): Channel[] {
  const { webhook, mail, message } = config.alerts;
  const to = [
    ...(message?.groups ?? []).map((group) => ({ group })),
    ...(message?.users ?? []).map((user) => ({ user })),
  ];
  const publisher = new ActionPublisher(backend, (accounts, reads) =>
    control.emit(channels.actionsWaiting, { v: 1, accounts, reads }),
  );
  return [
    ...(webhook === undefined ? [] : [new Webhook(webhook)]),
    ...(mail === undefined ? [] : [new Mail(mail)]),
    ...(to.length === 0 ? [] : [new Sibling({ to, clock, publish: (action) => publisher.publish(action) })]),
  ];
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
