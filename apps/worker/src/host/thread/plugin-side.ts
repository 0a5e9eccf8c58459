import type { CommandInfo, Log, Metrics } from '@rookery/plugin-kit';
import { assertNever, RookeryError, SlotMap, systemClock, toError, type MediaPolicy } from '@rookery/protocol';
import { Deadline } from '../deadline';
import { handlerFailure } from '../handler-failure';
import { loadPlugin, type LoadedPlugin } from '../load-plugin';
import { mediaPolicyOf } from '../media-settings';
import { startHandler } from '../run-handler';
import { Batch } from './batch';
import type { Channel } from './channel';
import type { Failure, FromThread, ToThread } from './messages';
import { RemoteBacking } from './remote-backing';
import { remoteLog } from './remote-log';
import { remoteMetrics } from './remote-metrics';
import { RemoteOutbox } from './remote-outbox';

/** Where a plugin's code is: loads one plugin and runs its handlers. Knows nothing of Redis, accounts and queues. */
export class PluginSide {
  readonly #batch: Batch<FromThread>;
  readonly #outbox: RemoteOutbox;
  readonly #backing: RemoteBacking;
  readonly #metrics: Metrics;
  readonly #log: Log;
  readonly #media: MediaPolicy;
  readonly #calls = new SlotMap<number, { readonly abort: (reason: string) => void }>();
  #commands: readonly CommandInfo[] = [];
  /** The call whose code runs. */
  #current = 0;

  constructor(private readonly channel: Channel) {
    this.#batch = new Batch<FromThread>(channel);
    this.#outbox = new RemoteOutbox(this.#batch);
    this.#backing = new RemoteBacking(this.#batch);
    this.#metrics = remoteMetrics(this.#batch);
    this.#log = remoteLog(this.#batch);
    this.#media = mediaPolicyOf(channel.plugin.media);
  }

  /** Says `ready` or `unfit`. */
  async start(): Promise<void> {
    const { channel } = this;
    try {
      const loaded = await loadPlugin(channel.plugin.source, (message) => this.#log.warn({}, message));
      channel.listen((messages) => {
        for (const message of messages) this.#take(loaded, message);
        // What several calls go on with runs after this loop, in an order that cannot be told: better nobody is blamed.
        if (messages.length > 1) this.#rests();
      });
      this.#batch.add({ type: 'ready', manifest: loaded.manifest });
    } catch (thrown) {
      this.#batch.add({ type: 'unfit', message: toError(thrown).message });
    }
  }

  /** An error that no handler caught and nobody awaited. */
  reportDetached(thrown: unknown): void {
    this.#batch.add({ type: 'detached', failure: failureOf(handlerFailure('code that no handler awaits', thrown)) });
  }

  #begin(loaded: LoadedPlugin, message: Extract<ToThread, { type: 'call' }>): void {
    const { call, handler, event, rest, input, journal, deadlineMs } = message;
    const { locale, seed } = this.channel.plugin;
    const time = new Deadline();
    this.#batch.add({ type: 'started', call });
    this.#runs(call);
    const started = startHandler({
      plugin: loaded.plugin,
      pluginId: loaded.manifest.id,
      handler,
      event,
      rest,
      ...(input && { input }),
      journal,
      time,
      deadline: systemClock.now() + deadlineMs,
      services: {
        outbox: this.#outbox.forCall(call),
        backing: this.#backing.forCall(call),
        clock: systemClock,
        log: this.#log,
        metrics: this.#metrics,
        locale,
        seed,
        commands: this.#commands,
        media: this.#media,
        config: (of) => loaded.config.at(of),
      },
    });
    this.#calls.set(call, {
      abort: (reason) => {
        started.giveUp();
        time.abort(new RookeryError('HANDLER_TIMEOUT', reason));
      },
    });
    void started.ended.then((error) => {
      this.#calls.delete(call);
      this.#batch.add({ type: 'ended', call, ...(error && { failure: failureOf(error) }) });
    });
  }

  #take(loaded: LoadedPlugin, message: ToThread): void {
    switch (message.type) {
      case 'config':
        loaded.config.set(message.layers);
        return;
      case 'commands':
        this.#commands = message.commands;
        return;
      case 'call':
        return this.#begin(loaded, message);
      case 'abort':
        // First the answer: it tells that the thread is not blocked, and an abort listener of the plugin may block it.
        this.#batch.add({ type: 'aborted', call: message.call });
        this.#batch.flush();
        this.#runs(message.call);
        this.#calls.get(message.call)?.abort(message.reason);
        this.#calls.delete(message.call);
        return;
      case 'queued':
        return this.#outbox.queued(message.ask);
      case 'result':
        this.#runs(message.call);
        return this.#outbox.result(message.ask, message.result);
      case 'posted':
        return this.#outbox.posted(message.ask, message.error);
      case 'answered':
        this.#runs(message.call);
        return this.#backing.answered(message.ask, message.answer);
      default:
        return assertNever(message);
    }
  }

  /** While this turn lasts, the code of `call` is what runs: should it never end, the main thread knows whom to blame. */
  #runs(call: number): void {
    this.#current = call;
    this.channel.runs(call);
    setImmediate(() => {
      if (this.#current === call) this.#rests();
    });
  }

  #rests(): void {
    this.#current = 0;
    this.channel.runs(0);
  }
}

function failureOf(error: RookeryError): Failure {
  const stack = error.cause instanceof Error ? error.cause.stack : undefined;
  return { message: error.message, ...(stack !== undefined && { stack }) };
}
