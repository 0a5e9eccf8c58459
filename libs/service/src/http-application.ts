import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { NestLogger } from './nest-logger';
import type { Service } from './service';
import { ServiceModule } from './service.module';

/** No request of ours needs more; whoever sends more is mistaken or means harm. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** The HTTP side of a process with all parts of its module, not yet listening. Bodies are JSON of at most 64 KiB. */
export async function createHttpApplication(service: Service, module: DynamicModule): Promise<NestExpressApplication> {
  const application = await NestFactory.create<NestExpressApplication>(
    { module: class Root {}, imports: [ServiceModule.forService(service), module] },
    new ExpressAdapter(),
    { logger: new NestLogger(service.log, service.noise), abortOnError: false, bodyParser: false },
  );
  application.useBodyParser('json', { limit: BODY_LIMIT_BYTES });
  application.disable('x-powered-by');
  return application;
}
