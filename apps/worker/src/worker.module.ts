import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Sender } from '@rookery/plugin-kit';
import { ChatSettings, PluginControl } from '@rookery/plugin-settings';
import { BUILT_IN_PLUGINS } from '@rookery/plugins';
import { channels, parseLeasesChanged, parseResults, SECOND, type EnvelopeEvent, type Event } from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import {
  AccountBoard,
  AccountRegistry,
  ActionClaims,
  Broadcasts,
  connectRedis,
  PartitionLedger,
  PluginBoard,
  PluginSettings,
  PluginStorage,
  RedisLeaseStore,
} from '@rookery/redis';
import {
  answerRequests,
  BroadcastControl,
  ControlChannel,
  drainThisProcess,
  failThisProcess,
  joinCluster,
  measureRedis,
  openTraceBook,
  Service,
  version,
} from '@rookery/service';
import { fleetStatus, startWatch } from '@rookery/watch';
import { BroadcastStage } from './broadcast';
import { Consume } from './consume/consume';
import { FetchWatch } from './consume/fetch-watch';
import { Partitions } from './consume/partitions';
import { ConversationStage } from './conversation';
import { DispatchStage, Tallies } from './dispatch';
import { FleetNumbers } from './fleet-numbers';
import { observe } from './observe';
import { observeBroadcasts } from './observe-broadcasts';
import { observeDialogs, observeDispatch, observeDispatcher, observeRetries, observeTallies } from './observe-dispatch';
import { Outbox } from './outbox';
import { startSchedules } from './schedule/start-schedules';
import { trace } from './trace';

/** Less than the time after which a process that stops is ended: what a handler has not finished then, another worker repeats. */
const FINISH_MS = 7 * SECOND;

/** The one place where the parts of a worker are made and joined. */
@Injectable()
class WorkerLife implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Service) private readonly service: Service) {}

  async onApplicationBootstrap(): Promise<void> {
    const { service } = this;
    const { config, clock, node, settings, health, log } = service;
    const name = `rookery-${node}`;
    const startedAt = clock.now();
    const redis = await connectRedis(settings.redisUrl, 'producer', name, service.redisTrouble('main'));
    const agreement = await joinCluster(service, redis);
    agreement.on('reseeded', ({ code, message }) => {
      log.fatal({ code }, message);
      failThisProcess();
    });
    const blocking = await connectRedis(settings.redisUrl, 'consumer', name, service.redisTrouble('consume'));
    const backend = new SharedQueueBackend(redis);
    await backend.ready();

    const control = new ControlChannel(settings.redisUrl, service.redisTrouble('control'));
    const pulse = measureRedis(service, redis);
    const watch = startWatch(service, redis, control);
    const publisher = new ActionPublisher(backend, (accounts, reads) =>
      control.emit(channels.actionsWaiting, { v: 1, accounts, reads }),
    );
    const claims = new ActionClaims(redis);
    const outbox = new Outbox({ publisher, results: claims, node, clock });
    answerRequests<'worker'>(service, control, {}, { accounts: () => 0, drain: drainThisProcess });
    control.on(channels.results(node), (data) => {
      for (const result of parseResults(data).results) outbox.resolve(result);
    });
    const configured = config.accounts.map((account) => account.selfId);
    const registry = new AccountRegistry({ redis, config });
    const fleetNumbers = new FleetNumbers(registry, configured, clock, service.redisTrouble('main'));
    control.on(channels.accountsChanged, () => void fleetNumbers.look());
    const fleet = fleetNumbers.numbers;
    const prefixes = config.commandPrefix;
    const store = new Broadcasts({ redis, partitions: config.partitions, clock });
    const broadcastOrders = new BroadcastControl({ broadcasts: store, registry, channel: control, config });
    const storage = new PluginStorage({ redis, partitions: config.partitions });
    const tallies = new Tallies({ storage: (plugin, request) => storage.run(plugin, request), clock });
    const pluginControl = new PluginControl({
      board: new PluginBoard(redis),
      settings: new PluginSettings(redis),
      channel: control,
    });
    const dispatch: DispatchStage = new DispatchStage({
      builtIn: BUILT_IN_PLUGINS,
      sources: config.plugins,
      media: config.media,
      locale: config.locale,
      seed: agreement.seed,
      prefixes,
      fleet,
      redis,
      node,
      outbox,
      backing: {
        storage: (plugin, request) => tallies.run(plugin, request),
        sender: (request): Promise<Sender | undefined> => conversation.senders.find(request),
        broadcast: (plugin, order) => broadcastOrders.carryOut(order, `plugin:${plugin}`),
        settings: (event, request) => chatSettings.run(event, request),
        fleet: async (event) => fleetStatus(await watch.look(), event, { version, startedAt }),
      },
      clock,
      log,
      superusers: config.superusers,
      permissions: config.permissions,
      partitions: config.partitions,
    });
    const chatSettings = new ChatSettings({ control: pluginControl, inForce: dispatch.access });
    control.on(channels.pluginSettingsChanged, () => void dispatch.access.look());
    observeDispatch(service, dispatch);
    observeTallies(service, tallies);
    const { dispatcher, dialogs } = await dispatch.start();
    const ledger = new PartitionLedger({ redis, clock });
    const conversation = new ConversationStage({ redis, ledger, config, clock, dispatcher: dialogs, fleet });
    const receiver = {
      deliver: (event: EnvelopeEvent) => dispatch.deliver(conversation.conversations, event),
      setAside: (event: Event) => dispatch.failures.setAside(event),
      withdraw: (partition: number) => conversation.conversations.withdraw(partition),
    };
    const partitions = new Partitions({
      node,
      clock,
      zone: settings.zone,
      partitions: config.partitions,
      store: new RedisLeaseStore(redis, 'partitions'),
      consumeOf: (holds) => new Consume({ redis: blocking, ledger, receiver, clock, known: dispatch.asks, holds }),
      announce: () => control.emit(channels.leasesChanged('partitions'), { v: 1, node }),
    });
    control.on(channels.leasesChanged('partitions'), (data) => {
      if (parseLeasesChanged(data).node !== node) partitions.leases.poke();
    });
    const { consume } = partitions;
    const fetching = new FetchWatch(consume, clock);
    fetching.on('hopeless', failThisProcess);
    const broadcast = new BroadcastStage({
      redis,
      registry,
      board: new AccountBoard(redis),
      claims,
      outbox,
      clock,
      random: Math.random,
      held: () => partitions.epochs,
    });
    const { rounds: broadcasts } = broadcast;
    control.on(channels.broadcastsChanged, () => broadcasts.poke());
    control.onReturn(() => {
      partitions.leases.poke();
      broadcasts.poke();
      void fleetNumbers.look();
      void dispatch.access.look();
    });
    for (const change of ['gained', 'renumbered', 'lost'] as const)
      partitions.leases.on(change, () => broadcasts.poke());
    observeBroadcasts(service, broadcast);
    observe(service, { consume, ledger, fetching, leases: partitions.leases, conversation, outbox });
    observeDispatcher(service, dispatcher);
    const book = openTraceBook(service, redis);
    trace(book, clock, { consume, conversation, dispatcher, outbox });
    observeDialogs(service, dispatch.asks, dialogs);

    const { stopping } = service;
    stopping.then('what it has in hand is settled and its partitions are handed over', async () => {
      health.notReady('consume', 'stopping');
      fetching.stop();
      await Promise.all([broadcasts.stop(), dispatch.finishWithin(FINISH_MS), partitions.stop(), watch.stop()]);
    });
    stopping.then('its conversations and plugins have ended', async () => {
      await conversation.stop();
      ledger.close();
      await dispatch.stop();
    });
    stopping.then('sums of plugins and traces are written', async () => {
      await tallies.stop();
      outbox.close();
      fleetNumbers.stop();
      await book.close();
    });
    stopping.then('its connections are closed', async () => {
      agreement.stop();
      await control.close();
      pulse();
      await backend.close();
      blocking.disconnect();
      redis.disconnect();
    });
    await control.start();
    await fleetNumbers.start();
    await conversation.start();
    const { manifests } = dispatch;
    const stopSchedules = await startSchedules(service, { manifests, redis, blocking });
    stopping.first('ticks of schedules in hand are handed on', stopSchedules);
    observeRetries(
      service,
      dispatch.repeatIn(conversation.conversations, () => partitions.held),
    );
    broadcasts.start();
    fetching.start();
    void partitions.start().then(() => health.ready('consume'));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.service.stopping.run();
  }
}

@Module({})
export class WorkerModule {
  static create(): DynamicModule {
    return {
      module: WorkerModule,
      providers: [WorkerLife],
    };
  }
}
