import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PACE_PROFILES } from '@rookery/pacing';
import { channels, parseActionsWaiting } from '@rookery/protocol';
import { EventPublisher, SharedQueueBackend } from '@rookery/queues';
import { AccountBoard, ActionClaims, agreeOnPartitions, connectRedis, requireDurableRedis } from '@rookery/redis';
import { ControlChannel, Service } from '@rookery/service';
import { Connector } from './connector';
import { Delivery } from './delivery/delivery';
import { Intake } from './intake/intake';
import { Links } from './link/links';
import { observe } from './observe';
import { ResultSender } from './result-sender';
import { StatusPoster } from './status-poster';

/** The one place where the parts of a connector are made and joined. */
@Injectable()
class ConnectorLife implements OnApplicationBootstrap, OnApplicationShutdown {
  private stop: () => Promise<void> = async () => undefined;

  constructor(@Inject(Service) private readonly service: Service) {}

  async onApplicationBootstrap(): Promise<void> {
    const { service } = this;
    const { config, clock, node, settings } = service;
    const redis = await connectRedis(settings.redisUrl, 'producer', `rookery-${node}`, service.redisTrouble('main'));
    await requireDurableRedis(redis);
    await agreeOnPartitions(redis, config.partitions);
    const backend = new SharedQueueBackend(redis);
    await backend.ready();

    const links = new Links({ clock, random: Math.random, reverse: config.reverse });
    const intake = new Intake({ partitions: config.partitions, node, sink: new EventPublisher(backend), clock });
    const delivery = new Delivery({
      backend,
      claims: new ActionClaims(redis),
      caller: links,
      profile: PACE_PROFILES[config.limits.profile],
      clock,
      random: Math.random,
    });
    const control = new ControlChannel(settings.redisUrl, service.redisTrouble('control'));
    control.on(channels.actionsWaiting, (data) => delivery.wake(parseActionsWaiting(data).accounts));
    const results = new ResultSender((channel, data) => control.emit(channel, data));
    delivery.on('ended', (action, result) => {
      if (action.replyTo) results.send(action.replyTo, result);
    });
    const statuses = new StatusPoster(new AccountBoard(redis), clock, service.redisTrouble('main'));
    links.on('status', (status) => statuses.post(status));
    observe(service, { links, intake, delivery });

    const connector = new Connector({ links, intake, delivery, clock });
    this.stop = async () => {
      service.health.notReady('links', 'stopping');
      await connector.stop();
      await statuses.close();
      await control.close();
      await backend.close();
      redis.disconnect();
    };
    await control.start();
    await connector.start(config.accounts);
    service.health.ready('links');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
  }
}

@Module({})
export class ConnectorModule {
  static create(): DynamicModule {
    return { module: ConnectorModule, providers: [ConnectorLife] };
  }
}
