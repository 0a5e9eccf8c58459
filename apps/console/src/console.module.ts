import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import {
  AccountBoard,
  AccountEvents,
  AccountRegistry,
  Broadcasts,
  connectRedis,
  GroupAssignments,
  HoldMemories,
  LimitOverrides,
  liveNodes,
  OutgoingSends,
  type Redis,
} from '@rookery/redis';
import {
  answerRequests,
  AssignmentControl,
  BroadcastControl,
  ClusterControl,
  ControlChannel,
  ControlClient,
  drainThisProcess,
  LimitControl,
  measureRedis,
  Service,
  WhyControl,
} from '@rookery/service';
import { startWatch } from '@rookery/watch';
import { AccountsController } from './accounts.controller';
import { AssignmentsController } from './assignments.controller';
import { BroadcastsController } from './broadcasts.controller';
import { LimitsController } from './limits.controller';
import { NodesController } from './nodes.controller';
import { TokenGuard } from './token.guard';

const REDIS = Symbol('REDIS');

async function connect(service: Service): Promise<Redis> {
  const { settings, node, health } = service;
  const redis = await connectRedis(settings.redisUrl, 'producer', `rookery-${node}`, service.redisTrouble('main'));
  redis.on('close', () => health.notReady('redis', 'the connection to Redis is lost'));
  redis.on('ready', () => health.ready('redis'));
  health.ready('redis');
  return redis;
}

async function openChannel(service: Service): Promise<ControlChannel> {
  const channel = new ControlChannel(service.settings.redisUrl, service.redisTrouble('control'));
  answerRequests<'console'>(service, channel, {}, { accounts: () => 0, drain: drainThisProcess });
  await channel.start();
  return channel;
}

function accountRegistry(service: Service, redis: Redis): AccountRegistry {
  const { config, settings, log, noise } = service;
  const registry = new AccountRegistry({ redis, config, encryptionKey: settings.encryptionKey });
  registry.on('unusable', (account, reason) => {
    noise.pass(`registry:${account}`, (suppressed) => log.warn({ account, suppressed }, reason));
  });
  return registry;
}

function clusterControl(registry: AccountRegistry, redis: Redis, channel: ControlChannel): ClusterControl {
  return new ClusterControl({
    registry,
    board: new AccountBoard(redis),
    events: new AccountEvents(redis),
    client: new ControlClient(channel),
    liveNodes: () => liveNodes(redis),
  });
}

function broadcastControl(
  service: Service,
  registry: AccountRegistry,
  redis: Redis,
  channel: ControlChannel,
): BroadcastControl {
  const { config, clock } = service;
  const broadcasts = new Broadcasts({ redis, partitions: config.partitions, clock });
  return new BroadcastControl({ broadcasts, registry, channel, config });
}

function assignmentControl(registry: AccountRegistry, redis: Redis): AssignmentControl {
  return new AssignmentControl({ assignments: new GroupAssignments(redis), registry });
}

function limitControl(
  service: Service,
  registry: AccountRegistry,
  redis: Redis,
  channel: ControlChannel,
): LimitControl {
  return new LimitControl({ overrides: new LimitOverrides(redis), registry, channel, config: service.config });
}

function whyControl(
  { config }: Service,
  control: ClusterControl,
  limits: LimitControl,
  registry: AccountRegistry,
  redis: Redis,
): WhyControl {
  const [sends, holds] = [new OutgoingSends(redis), new HoldMemories(redis)];
  return new WhyControl({ control, limits, registry, sends, holds, config });
}

/** The one place where the parts of the console are made and joined. */
@Module({})
export class ConsoleModule implements OnApplicationShutdown {
  static create(): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: [AccountsController, AssignmentsController, NodesController, BroadcastsController, LimitsController],
      providers: [
        TokenGuard,
        { provide: REDIS, inject: [Service], useFactory: connect },
        // After Redis: whether that is there is said once, and clearly.
        { provide: ControlChannel, inject: [Service, REDIS], useFactory: openChannel },
        { provide: AccountRegistry, inject: [Service, REDIS], useFactory: accountRegistry },
        { provide: ClusterControl, inject: [AccountRegistry, REDIS, ControlChannel], useFactory: clusterControl },
        {
          provide: BroadcastControl,
          inject: [Service, AccountRegistry, REDIS, ControlChannel],
          useFactory: broadcastControl,
        },
        { provide: AssignmentControl, inject: [AccountRegistry, REDIS], useFactory: assignmentControl },
        { provide: LimitControl, inject: [Service, AccountRegistry, REDIS, ControlChannel], useFactory: limitControl },
        {
          provide: WhyControl,
          inject: [Service, ClusterControl, LimitControl, AccountRegistry, REDIS],
          useFactory: whyControl,
        },
      ],
    };
  }

  private readonly pulse: () => void;
  private readonly watch: { readonly stop: () => Promise<void> };

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly channel: ControlChannel,
    service: Service,
  ) {
    this.pulse = measureRedis(service, redis);
    this.watch = startWatch(service, redis, channel);
  }

  async onApplicationShutdown(): Promise<void> {
    this.pulse();
    await this.watch.stop();
    await this.channel.close();
    this.redis.disconnect();
  }
}
