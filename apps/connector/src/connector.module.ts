import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { channels, parseActionsWaiting, parseLeasesChanged, type AccountStatus, type SelfId } from '@rookery/protocol';
import { EventPublisher, SharedQueueBackend } from '@rookery/queues';
import {
  AccountBoardWriter,
  AccountEvents,
  AccountRegistry,
  ActionClaims,
  connectRedis,
  HoldMemories,
  LimitOverrides,
  ExpiredSends,
  OutgoingSends,
  RedisLeaseStore,
  redisMemory,
  SeenSequences,
  SendTurns,
} from '@rookery/redis';
import {
  answerRequests,
  ControlChannel,
  drainThisProcess,
  joinCluster,
  measureRedis,
  openTraceBook,
  ResultSender,
  Service,
} from '@rookery/service';
import { startWatch } from '@rookery/watch';
import { accountRequests } from './account-requests';
import { attachBackfill } from './backfill/attach-backfill';
import { CapabilityProbe } from './capability-probe';
import { Connector } from './connector';
import { Delivery } from './delivery/delivery';
import { LimitBook } from './delivery/limit-book';
import { attachHolds } from './attach-holds';
import { attachReconciliation } from './attach-reconciliation';
import type { HoldChange } from './delivery/holds/account-holds';
import { Intake } from './intake/intake';
import { MemoryGuard } from './intake/memory-guard';
import { Links } from './link/links';
import { observe, observeBackfill, observeOverrides, observeRegistry, timedCaller, traceActions } from './observe';
import { observeHolds } from './observe-delivery';
import { Accounts } from './ownership/accounts';
import { Ownership } from './ownership/ownership';
import { StatusPoster, type StatusHistory } from './status-poster';

/** The one place where the parts of a connector are made and joined. */
@Injectable()
class ConnectorLife implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Service) private readonly service: Service) {}

  async onApplicationBootstrap(): Promise<void> {
    const { service } = this;
    const { config, clock, node, settings } = service;
    const redis = await connectRedis(settings.redisUrl, 'producer', `rookery-${node}`, service.redisTrouble('main'));
    const agreement = await joinCluster(service, redis);
    const backend = new SharedQueueBackend(redis);
    await backend.ready();

    const registry = new AccountRegistry({ redis, config, encryptionKey: settings.encryptionKey });
    await registry.seed();
    const links = new Links({ clock, random: Math.random, reverse: config.reverse });
    const sink = new EventPublisher(redis, clock);
    const guard = new MemoryGuard({ sink, memory: () => redisMemory(redis), clock });
    const intake = new Intake({ partitions: config.partitions, node, sink: guard, clock });
    const turns = new SendTurns(redis);
    const claims = new ActionClaims(redis, turns);
    const outcomes = attachReconciliation({ claims, links, intake, clock });
    const holds = attachHolds({ store: new HoldMemories(redis), outcomes, links, intake, clock });
    const accounts = new Accounts(registry, clock);
    const overrides = new LimitOverrides(redis);
    const limits = new LimitBook({ config, overrides, accounts: () => accounts.all.values(), clock });
    const delivery: Delivery = new Delivery({
      backend,
      claims: outcomes,
      caller: timedCaller(service, links),
      epochOf: (self) => ownership.epochOf(self),
      sends: new OutgoingSends(redis, undefined, turns),
      expired: new ExpiredSends(redis),
      limits,
      accountOf: (self) => accounts.all.get(self),
      clock,
      random: Math.random,
      holds,
    });
    const pulse = measureRedis(service, redis);
    const control = new ControlChannel(settings.redisUrl, service.redisTrouble('control'));
    const watch = startWatch(service, redis, control);
    control.on(channels.actionsWaiting, (data) => {
      const { accounts, reads } = parseActionsWaiting(data);
      delivery.wake(accounts, reads);
    });
    const board = new AccountBoardWriter(redis, node);
    accounts.on('changed', () => limits.accountsChanged());
    control.on(channels.limitsChanged, () => void limits.look());
    limits.on('trouble', service.redisTrouble('main'));
    const ownership: Ownership = new Ownership({
      self: { node, zone: settings.zone, capacity: config.connector.capacity },
      store: new RedisLeaseStore(redis, 'accounts'),
      fence: {
        raiseFence: async (self, epoch) => {
          const raised = await claims.raiseFence(self, epoch);
          if (raised) await holds.takeOver(self);
          return raised;
        },
      },
      accounts,
      links,
      delivery,
      clock,
      onlineElsewhere: (selves) => board.onlineElsewhere(selves),
      announce: () => control.emit(channels.leasesChanged('accounts'), { v: 1, node }),
      onTrouble: service.redisTrouble('main'),
    });
    accounts.on('trouble', service.redisTrouble('main'));
    control.on(channels.accountsChanged, () => void accounts.look());
    control.on(channels.leasesChanged('accounts'), (data) => {
      if (parseLeasesChanged(data).node !== node) ownership.leases.poke();
    });
    const store = new SeenSequences(redis);
    const accountOf = (self: SelfId) => accounts.all.get(self);
    control.onReturn(() => {
      delivery.wakeAll();
      ownership.leases.poke();
      void accounts.look();
      void limits.look();
    });
    const backfill = attachBackfill({ links, intake, store, clock, settings: config.backfill, accountOf });
    const results = new ResultSender((channel, data) => control.emit(channel, data));
    delivery.on('ended', (action, result) => outcomes.take(action, result));
    delivery.on('left', (self) => {
      outcomes.forget(self);
      holds.forget(self);
    });
    outcomes.on('told', ({ replyTo }, result) => {
      if (replyTo) results.send(replyTo, result);
    });
    const events = new AccountEvents(redis);
    const history: StatusHistory = { append: (transitions) => events.append(node, transitions) };
    const tellHold = async ({ self, scope, to, reason }: HoldChange): Promise<void> => {
      const state = links.status(self)?.state ?? 'online';
      const transition = { self, from: state, to: state, reason: `${scope} ${to}: ${reason}`, at: clock.now() };
      await events.append(node, [transition]).catch(service.redisTrouble('main'));
    };
    const statuses = new StatusPoster(board, history, clock, service.redisTrouble('main'));
    const probe = new CapabilityProbe(links);
    const post = (status: AccountStatus): void => statuses.post(probe.describe(status));
    links.on('status', (status) => {
      probe.see(status);
      post(status);
    });
    links.on('event', (self, frame) => probe.seeFrame(self, frame));
    probe.on('learned', (self) => {
      const status = links.status(self);
      if (status !== undefined && links.role(self) === 'owner') post(status);
    });
    const book = openTraceBook(service, redis);
    traceActions(book, delivery);
    observe(service, { links, intake, guard, delivery, outcomes, ownership });
    observeHolds(service, holds);
    holds.on('held', (change) => void tellHold(change));
    observeBackfill(service, backfill);
    observeRegistry(service, registry);
    observeOverrides(service, overrides);
    answerRequests<'connector'>(service, control, accountRequests(links), {
      accounts: () => ownership.leases.size,
      drain: drainThisProcess,
    });

    const connector = new Connector({
      links,
      intake,
      guard,
      delivery,
      ownership,
      poolOf: (self) => accounts.all.get(self)?.pool,
      clock,
    });
    const { stopping } = service;
    stopping.then('its accounts are handed over and what it has read is in Redis', async () => {
      service.health.notReady('links', 'stopping');
      await Promise.all([connector.stop(), watch.stop()]);
      if (intake.size > 0) stopping.miss(`${intake.size} events that it has read are in Redis, and are lost`);
    });
    stopping.then('outcomes of actions are recorded', () => outcomes.close());
    stopping.then('history is filled', () => backfill.close());
    stopping.then('states of accounts and traces are written', async () => {
      await statuses.close();
      await book.close();
    });
    stopping.then('its connections are closed', async () => {
      limits.stop();
      agreement.stop();
      await control.close();
      pulse();
      await backend.close();
      redis.disconnect();
    });
    await control.start();
    await accounts.start();
    await limits.start();
    await connector.start();
    service.health.ready('links');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.service.stopping.run();
  }
}

@Module({})
export class ConnectorModule {
  static create(): DynamicModule {
    return { module: ConnectorModule, providers: [ConnectorLife] };
  }
}
