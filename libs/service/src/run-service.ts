import type { Server } from 'node:http';
import { type DynamicModule, type INestApplication } from '@nestjs/common';
import { exitCodeOf, loadConfig, loadProcessSettings, readEnvironment } from '@rookery/config';
import { RookeryError, SECOND, toError, type AppName } from '@rookery/protocol';
import { createLogger, type Logger, type ReadinessPart } from '@rookery/telemetry';
import { giveHeapRoom } from './heap-room';
import { createHttpApplication } from './http-application';
import { listenOnFirstFree } from './listen';
import { Service } from './service';
import { makeObjectsYoung } from './young-objects';

/** What a process tells the one that started it, over Node's IPC channel. */
export type ServiceMessage =
  | { readonly type: 'ready'; readonly http: string }
  | { readonly type: 'fatal'; readonly code: string; readonly message: string };

/** A process that cannot end its work in this time is ended all the same; what it held is taken over by others. */
const SHUTDOWN_MS = 12 * SECOND;

/**
 * The life of every process: settings, parts, HTTP, "ready", work, drain, exit. A start that fails says why in one message and
 * exits with 1, or with 78 when settings are wrong. SIGTERM, SIGINT and the loss of the parent (IPC) all drain and exit with 0, or with 1 and a message where
 * something could not be done in the 12 s that there are for it, for example since Redis does not answer; `failThisProcess` drains and exits with 1.
 */
export async function runService(
  app: AppName,
  awaited: readonly ReadinessPart[],
  moduleOf: (service: Service) => DynamicModule,
): Promise<void> {
  let log: Logger = createLogger(app, 'info');
  giveHeapRoom();
  makeObjectsYoung();
  try {
    const environment = readEnvironment();
    const service = new Service(app, loadConfig(environment), loadProcessSettings(environment, app), awaited);
    log = service.log;
    const nest = await createHttpApplication(service, moduleOf(service));
    drainOnSignals(nest, service);
    const http = await listen(nest, service);
    tell({ type: 'ready', http });
    log.info({ http, node: service.node }, `${app} is up`);
  } catch (thrown) {
    const error = toError(thrown);
    const code = error instanceof RookeryError ? error.code : 'INTERNAL';
    log.fatal({ code, ...(code === 'INTERNAL' && { stack: error.stack }) }, error.message);
    tell({ type: 'fatal', code, message: error.message });
    process.exitCode = exitCodeOf(error);
    // Sockets and timers of the parts that did start would keep the process alive.
    setImmediate(() => process.exit());
  }
}

/** The parts of the module start first: what answers here is at work, or on its way to be. */
async function listen(nest: INestApplication, { app, settings }: Service): Promise<string> {
  await nest.init();
  return await listenOnFirstFree(nest.getHttpServer() as Server, app, settings.http);
}

function drainOnSignals(nest: INestApplication, { log, stopping }: Service): void {
  let draining = false;
  const drain = (cause: string) => {
    if (draining) return;
    draining = true;
    log.info({ cause }, 'stopping: finishing what is in hand');
    const end = (isLate: boolean): void => {
      const { notDone } = stopping;
      // 0, unless the process has called itself failed.
      if (!isLate && notDone.length === 0) process.exit();
      log.error(
        { notDone },
        `stopped, and not done: ${notDone.join('; ') || 'its connections are closed'}. Others take over what it held when its leases have run out, and do again what it had in hand`,
      );
      process.exit(1);
    };
    setTimeout(() => end(true), SHUTDOWN_MS).unref();
    nest.close().then(
      () => end(false),
      (error: unknown) => {
        log.error({ stack: toError(error).stack }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => drain('SIGTERM'));
  process.on('SIGINT', () => drain('SIGINT'));
  if (process.send) process.on('disconnect', () => drain('the process that started us is gone'));
}

function tell(message: ServiceMessage): void {
  if (process.connected) process.send?.(message);
}
