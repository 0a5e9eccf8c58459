import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { CommandInfo } from '@rookery/plugin-kit';
import { assertNever, RookeryError, systemClock, toError } from '@rookery/protocol';
import { handlerFailure } from '../handler-failure';
import { loadPlugin, type LoadedPlugin } from '../load-plugin';
import { mediaPolicyOf } from '../media-settings';
import { offerOwnKit } from '../own-kit';
import { startHandler } from '../run-handler';
import { Batch } from './batch';
import type { Failure, FromThread, ThreadData, ToThread } from './messages';
import { RemoteBacking } from './remote-backing';
import { remoteLog } from './remote-log';
import { remoteMetrics } from './remote-metrics';
import { RemoteOutbox } from './remote-outbox';

/** The script of a plugin's thread: loads one plugin and runs its handlers. Knows nothing of Redis, accounts and queues. */
const port = parentPort;
if (!port) throw new RookeryError('INTERNAL', 'the script of plugin threads was started outside a thread');
const { source, locale, seed, media: mediaSettings, running: shared } = workerData as ThreadData;
const media = mediaPolicyOf(mediaSettings);
const running = new Int32Array(shared);
const batch = new Batch<FromThread>(port);
const outbox = new RemoteOutbox(batch);
const backing = new RemoteBacking(batch);
const metrics = remoteMetrics(batch);
const log = remoteLog(batch);
const calls = new Map<number, { readonly abort: (reason: string) => void }>();
let commands: readonly CommandInfo[] = [];

// Ending the process is not the thread's to decide; process.exit() ends only the thread already.
process.kill = () => {
  throw new RookeryError('HANDLER_FAILED', 'a plugin may not send signals to processes');
};
process.on('unhandledRejection', reportDetached);
process.on('uncaughtException', reportDetached);

function reportDetached(thrown: unknown): void {
  batch.add({ type: 'detached', failure: failureOf(handlerFailure('code that no handler awaits', thrown)) });
}

function failureOf(error: RookeryError): Failure {
  const stack = error.cause instanceof Error ? error.cause.stack : undefined;
  return { message: error.message, ...(stack !== undefined && { stack }) };
}

/** While this turn lasts, the code of `call` is what runs: should it never end, the main thread knows whom to blame. */
function runs(call: number): void {
  Atomics.store(running, 0, call);
  setImmediate(() => Atomics.compareExchange(running, 0, call, 0));
}

function begin(loaded: LoadedPlugin, message: Extract<ToThread, { type: 'call' }>): void {
  const { call, handler, event, rest, input, journal, deadlineMs } = message;
  const deadline = new AbortController();
  // Every action that the handler waits for listens; Node would warn of a leak at the eleventh.
  setMaxListeners(0, deadline.signal);
  batch.add({ type: 'started', call });
  runs(call);
  const started = startHandler({
    plugin: loaded.plugin,
    pluginId: loaded.manifest.id,
    handler,
    event,
    rest,
    ...(input && { input }),
    journal,
    signal: deadline.signal,
    deadline: systemClock.now() + deadlineMs,
    services: {
      outbox: outbox.forCall(call),
      backing: backing.forCall(call),
      clock: systemClock,
      log,
      metrics,
      locale,
      seed,
      commands,
      media,
      config: (of) => loaded.config.at(of),
    },
  });
  calls.set(call, {
    abort: (reason) => {
      started.giveUp();
      deadline.abort(new RookeryError('HANDLER_TIMEOUT', reason));
    },
  });
  void started.ended.then((error) => {
    calls.delete(call);
    batch.add({ type: 'ended', call, ...(error && { failure: failureOf(error) }) });
  });
}

function take(loaded: LoadedPlugin, message: ToThread): void {
  switch (message.type) {
    case 'config':
      loaded.config.set(message.layers);
      return;
    case 'commands':
      commands = message.commands;
      return;
    case 'call':
      return begin(loaded, message);
    case 'abort':
      // First the answer: it tells that the thread is not blocked, and an abort listener of the plugin may block it.
      batch.add({ type: 'aborted', call: message.call });
      batch.flush();
      runs(message.call);
      calls.get(message.call)?.abort(message.reason);
      calls.delete(message.call);
      return;
    case 'queued':
      return outbox.queued(message.ask);
    case 'result':
      runs(message.call);
      return outbox.result(message.ask, message.result);
    case 'posted':
      return outbox.posted(message.ask, message.error);
    case 'answered':
      runs(message.call);
      return backing.answered(message.ask, message.answer);
    default:
      return assertNever(message);
  }
}

offerOwnKit();
loadPlugin(source, (message) => log.warn({}, message)).then(
  (loaded) => {
    port.on('message', (messages: readonly ToThread[]) => {
      for (const message of messages) take(loaded, message);
      // What several calls go on with runs after this loop, in an order that cannot be told: better nobody is blamed.
      if (messages.length > 1) Atomics.store(running, 0, 0);
    });
    batch.add({ type: 'ready', manifest: loaded.manifest });
  },
  (thrown: unknown) => batch.add({ type: 'unfit', message: toError(thrown).message }),
);
