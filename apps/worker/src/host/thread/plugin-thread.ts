import { EventEmitter } from 'node:events';
import {
  MetricNames,
  type CommandInfo,
  type ConfigLayers,
  type Locale,
  type Log,
  type PluginManifest,
} from '@rookery/plugin-kit';
import { assertNever, RookeryError, SlotMap, toError, type Clock } from '@rookery/protocol';
import { Deadline } from '../deadline';
import { carriedFailure } from '../handler-failure';
import type { MediaSettings } from '../media-settings';
import type { HandlerCall, PluginSource } from '../plugin-host';
import { Batch } from './batch';
import type { Carrier, CarrierOptions } from './carrier';
import { Leaving } from './leaving';
import type { Failure, FromThread, PluginData, ToThread } from './messages';
import { ProcessCarrier } from './process-carrier';
import { Requests, type Caller } from './requests';
import { ThreadCarrier } from './thread-carrier';

export interface PluginThreadOptions extends CarrierOptions {
  readonly source: PluginSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly locale: Locale;
  /** Secret of the cluster that chance comes from. */
  readonly seed: string;
  readonly media: MediaSettings;
}

export interface PluginThreadEvents {
  /** The plugin counts or measures something of its own. */
  measured: [kind: 'count' | 'observe', name: string, value: number];
  /** An error that no handler caught and nobody awaited; the thread goes on. */
  detached: [error: RookeryError];
  /** The thread is gone; every call in hand has been told. */
  ended: [cause: string];
}

/** How a call ended. `lost`: its thread did, and the call caused it, did not, or nobody can tell. */
export type CallEnd =
  | { readonly kind: 'ended'; readonly error?: RookeryError }
  | { readonly kind: 'lost'; readonly cause: string; readonly blame: 'this' | 'other' | 'unknown' };

interface Running extends Caller {
  readonly where: string;
  readonly end: (end: CallEnd) => void;
  started: boolean;
  /** Monotonic, milliseconds: when its time is over. */
  until: number;
  /** When what the handler returned is stored; until then the call is not over. */
  returned?: Promise<void>;
  cancel: () => void;
  givenUp?: RookeryError;
}

/** A thread that is not blocked answers within this time that a deadline has passed. */
const ANSWER_MS = 100;
/** Loading a module that does not come to an end is as good as a broken one. */
const LOAD_MS = 10_000;

/** One life of a plugin's thread, or of its process where its source says so. */
export class PluginThread extends EventEmitter<PluginThreadEvents> {
  readonly #carrier: Carrier;
  readonly #batch: Batch<ToThread>;
  readonly #requests: Requests;
  readonly #running = new SlotMap<number, Running>();
  readonly #leaving: Leaving;
  readonly #names = new MetricNames();
  #calls = 0;
  /** What a process has said last of the call that runs. */
  #told = 0;
  #gone = false;
  #cause: string | undefined;

  constructor(private readonly options: PluginThreadOptions) {
    super();
    const { source, locale, seed, media } = options;
    const plugin: PluginData = { source, locale, seed, media };
    this.#carrier =
      source.isolation === 'process' ? new ProcessCarrier(plugin, options) : new ThreadCarrier(plugin, options);
    this.#batch = new Batch(this.#carrier);
    this.#requests = new Requests(this.#batch, options.clock, (call) => this.#running.get(call));
    this.#leaving = new Leaving(options.log);
    this.#carrier.onEnd((cause) => this.#exited(this.#cause ?? cause));
  }

  /** Calls in hand. */
  get size(): number {
    return this.#running.size;
  }

  /** Resolves when the plugin is loaded; rejects with PLUGIN_INVALID, and the thread is ended then. */
  async ready(): Promise<PluginManifest> {
    const { module } = this.options.source;
    const fail = (message: string) => new RookeryError('PLUGIN_INVALID', message);
    let cancel = (): void => undefined;
    try {
      return await new Promise<PluginManifest>((resolve, reject) => {
        cancel = this.options.clock.after(LOAD_MS, () => reject(fail(`${module} was not loaded within ${LOAD_MS} ms`)));
        this.once('ended', (cause) => reject(fail(`${module} ended its thread while it was loaded: ${cause}`)));
        this.#carrier.onMessages((messages) => {
          this.#orEnd(() => {
            for (const message of messages) {
              if (message.type === 'ready') resolve(message.manifest);
              else if (message.type === 'unfit') reject(fail(message.message));
              else this.#take(message);
            }
          });
        });
      });
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      cancel();
    }
  }

  configure(layers: ConfigLayers): void {
    this.#batch.add({ type: 'config', layers });
  }

  introduce(commands: readonly CommandInfo[]): void {
    this.#batch.add({ type: 'commands', commands });
  }

  /** Never rejects. */
  run(call: HandlerCall, where: string): Promise<CallEnd> {
    return new Promise((end) => {
      if (this.#gone) return end({ kind: 'lost', cause: 'the thread was gone', blame: 'other' });
      const id = ++this.#calls;
      const { event, rest, input, handler, journal, deadlineMs } = call;
      const cancel = this.#expireLater(id, deadlineMs);
      const until = this.options.clock.monotonic() + deadlineMs;
      this.#running.set(id, { call, where, deadline: new Deadline(), end, started: false, until, cancel });
      this.#batch.add({ type: 'call', call: id, handler, event, rest, ...(input && { input }), journal, deadlineMs });
    });
  }

  /** Gives all calls in hand up. */
  interrupt(): void {
    const because = ({ where }: Pick<Running, 'where'>) =>
      new RookeryError('HANDLER_INTERRUPTED', `${where} was given up: the worker stops`);
    for (const [id, running] of [...this.#running]) this.#giveUp(id, because(running));
    this.#leaving.interrupt(because);
  }

  async stop(): Promise<void> {
    await this.#carrier.stop();
  }

  #expireLater(id: number, ms: number): () => void {
    return this.options.clock.after(ms, () => this.#expire(id));
  }

  #expire(id: number): void {
    const running = this.#running.get(id);
    const timed = running ?? this.#leaving.get(id);
    if (!timed) return;
    const { call, where, until } = timed;
    // It began later than it was sent.
    const leftMs = until - this.options.clock.monotonic();
    if (leftMs > 0) {
      timed.cancel = this.#expireLater(id, Math.ceil(leftMs));
      return;
    }
    const error = new RookeryError('HANDLER_TIMEOUT', `${where} passed its deadline of ${call.deadlineMs} ms`);
    if (!running) return this.#leaving.giveUp(id, error);
    const busy = this.#busyWith();
    // It could not begin, because another one's code still runs within its own deadline: its time has not begun either.
    if (!running.started && busy !== undefined && busy !== id && !this.#running.get(busy)?.givenUp) {
      running.cancel = this.#expireLater(id, call.deadlineMs);
      return;
    }
    this.#giveUp(id, error);
  }

  #giveUp(id: number, error: RookeryError): void {
    const running = this.#running.get(id);
    if (!running || running.givenUp) return;
    running.givenUp = error;
    running.cancel();
    running.deadline.abort(error);
    this.#batch.add({ type: 'abort', call: id, reason: error.message });
    running.cancel = this.options.clock.after(ANSWER_MS, () => this.#unanswered(id, error));
  }

  /** The thread is blocked: by this call, or by another that is within its deadline still. */
  #unanswered(id: number, error: RookeryError): void {
    const running = this.#running.get(id);
    if (!running) return;
    const busy = this.#busyWith();
    if (running.started && busy !== undefined && busy !== id && !this.#running.get(busy)?.givenUp) {
      this.#end(id, { kind: 'ended', error });
      return;
    }
    this.#cause ??= `it was blocked for ${running.call.deadlineMs} ms and more`;
    void this.stop();
  }

  /** The call whose code runs at this moment, as far as is known. */
  #busyWith(): number | undefined {
    const id = this.#carrier.running ?? this.#told;
    return this.#running.has(id) ? id : undefined;
  }

  /** Code that is not trusted may have found a way to say what is no message of ours. */
  #orEnd(take: () => void): void {
    try {
      take();
    } catch (thrown) {
      this.#cause ??= `it said what no plugin says: ${toError(thrown).message}`;
      void this.stop();
    }
  }

  #end(id: number, end: CallEnd): void {
    const running = this.#running.get(id);
    if (!running) return;
    this.#running.delete(id);
    running.cancel();
    running.end(end);
  }

  #exited(cause: string): void {
    this.#gone = true;
    const culprit = this.#busyWith() ?? (this.#running.size === 1 ? [...this.#running.keys()][0] : undefined);
    for (const [id, { deadline }] of [...this.#running]) {
      const blame = culprit === undefined ? 'unknown' : culprit === id ? 'this' : 'other';
      // What an innocent one has asked is waited for on: it runs again and asks for the same.
      if (blame === 'this') deadline.abort(new Error(cause));
      this.#end(id, { kind: 'lost', cause, blame });
    }
    this.emit('ended', cause);
  }

  #take(message: FromThread): void {
    switch (message.type) {
      case 'started':
        return this.#started(message.call);
      case 'running':
        this.#told = message.call;
        return;
      case 'ended':
        return this.#ended(message.call, message.failure);
      case 'aborted': {
        const error = this.#running.get(message.call)?.givenUp;
        return this.#end(message.call, { kind: 'ended', ...(error && { error }) });
      }
      case 'ask':
        return this.#requests.ask(message);
      case 'post':
        return this.#requests.post(message);
      case 'leave':
        return this.#returned(message);
      case 'request':
        return void this.#requests.request(message);
      case 'metric':
        return void this.emit('measured', message.kind, this.#names.bounded(message.name), message.value);
      case 'log':
        return this.options.log[message.level](JSON.parse(message.fields) as object, message.text);
      case 'detached':
        return void this.emit('detached', carriedFailure(message.failure));
      case 'ready':
      case 'unfit':
        return;
      default:
        return assertNever(message);
    }
  }

  /** The time in which it could not begin was not its own. */
  #started(id: number): void {
    const running = this.#running.get(id);
    if (!running || running.givenUp) return;
    running.started = true;
    running.until = this.options.clock.monotonic() + running.call.deadlineMs;
  }

  #returned(message: Extract<FromThread, { readonly type: 'leave' }>): void {
    const running = this.#running.get(message.call);
    const stored = this.#requests.leave(message);
    // Told of when the call ends; a thread that says it twice, or of no call, has said what no plugin says.
    stored.catch(() => undefined);
    if (running) running.returned ??= stored;
  }

  #ended(id: number, failure: Failure | undefined): void {
    const running = this.#running.get(id);
    const returned = running?.returned;
    if (!running || !returned || running.givenUp || failure) {
      const error = failure ? carriedFailure(failure) : returned && running?.givenUp;
      return this.#end(id, { kind: 'ended', ...(error && { error }) });
    }
    this.#running.delete(id);
    this.#leaving.add(id, running, returned);
  }
}
