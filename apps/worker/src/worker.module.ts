import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BUILT_IN_PLUGINS } from '@rookery/plugins';
import { channels, parseResults } from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import { ActionClaims, agreeOnPartitions, connectRedis, requireDurableRedis } from '@rookery/redis';
import { ControlChannel, Service } from '@rookery/service';
import { Consume } from './consume/consume';
import { Conversations } from './conversation';
import { Dispatcher } from './dispatch';
import { observe } from './observe';
import { Outbox } from './outbox';

const PLUGINS = Symbol('PLUGINS');

/** The one place where the parts of a worker are made and joined. */
@Injectable()
class WorkerLife implements OnApplicationBootstrap, OnApplicationShutdown {
  private stop: () => Promise<void> = async () => undefined;

  constructor(
    @Inject(Service) private readonly service: Service,
    @Inject(PLUGINS) private readonly plugins: readonly object[],
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { service, plugins } = this;
    const { config, clock, node, settings, health, log } = service;
    const name = `rookery-${node}`;
    const redis = await connectRedis(settings.redisUrl, 'producer', name, service.redisTrouble('main'));
    await requireDurableRedis(redis);
    await agreeOnPartitions(redis, config.partitions);
    const blocking = await connectRedis(settings.redisUrl, 'consumer', name, service.redisTrouble('consume'));
    const backend = new SharedQueueBackend(redis);
    await backend.ready();

    const control = new ControlChannel(settings.redisUrl, service.redisTrouble('control'));
    const publisher = new ActionPublisher(backend, (accounts) =>
      control.emit(channels.actionsWaiting, { v: 1, accounts }),
    );
    const outbox = new Outbox({ publisher, results: new ActionClaims(redis), node, clock });
    control.on(channels.results(node), (data) => {
      for (const result of parseResults(data).results) outbox.resolve(result);
    });
    const fleet = new Set<string>(config.accounts.map((account) => account.selfId));
    const prefixes = config.commandPrefix;
    const dispatcher = new Dispatcher({ plugins, prefixes, fleet, outbox, clock, log, locale: 'zh' });
    const conversations = new Conversations({ dispatcher, fleet });
    const partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
    const consume = new Consume({ redis: blocking, partitions, receiver: conversations, clock });
    consume.once('started', () => health.ready('consume'));
    observe(service, { consume, conversations, dispatcher, outbox });

    this.stop = async () => {
      health.notReady('consume', 'stopping');
      await consume.stop();
      await conversations.drain();
      outbox.close();
      await control.close();
      await backend.close();
      blocking.disconnect();
      redis.disconnect();
    };
    await control.start();
    consume.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
  }
}

@Module({})
export class WorkerModule {
  static create(): DynamicModule {
    return {
      module: WorkerModule,
      providers: [
        ...BUILT_IN_PLUGINS,
        { provide: PLUGINS, inject: [...BUILT_IN_PLUGINS], useFactory: (...plugins: object[]) => plugins },
        WorkerLife,
      ],
    };
  }
}
