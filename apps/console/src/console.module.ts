import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { AccountBoard, connectRedis, type Redis } from '@rookery/redis';
import { Service } from '@rookery/service';
import { AccountsController } from './accounts.controller';
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

/** The one place where the parts of the console are made and joined. */
@Module({})
export class ConsoleModule implements OnApplicationShutdown {
  static create(): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: [AccountsController],
      providers: [
        TokenGuard,
        { provide: REDIS, inject: [Service], useFactory: connect },
        { provide: AccountBoard, inject: [REDIS], useFactory: (redis: Redis) => new AccountBoard(redis) },
      ],
    };
  }

  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
