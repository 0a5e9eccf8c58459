import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Health, Metrics } from '@rookery/telemetry';
import { ProbesController } from './probes.controller';
import { Service } from './service';

/** What every process has: its settings and log, readiness, metrics, and the probes over HTTP. */
@Global()
@Module({})
export class ServiceModule {
  static forService(service: Service): DynamicModule {
    return {
      module: ServiceModule,
      controllers: [ProbesController],
      providers: [
        { provide: Service, useValue: service },
        { provide: Health, useValue: service.health },
        { provide: Metrics, useValue: service.metrics },
      ],
      exports: [Service, Health, Metrics],
    };
  }
}
