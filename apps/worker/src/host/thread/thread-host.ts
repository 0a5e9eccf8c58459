import { EventEmitter } from 'node:events';
import type { CommandInfo, ConfigLayers, PluginManifest } from '@rookery/plugin-kit';
import { MINUTE, RookeryError, SECOND, toError } from '@rookery/protocol';
import { readManifest } from '../load-plugin';
import type { HandlerCall, PluginHost } from '../plugin-host';
import { PluginThread, type PluginThreadOptions } from './plugin-thread';

export interface ThreadHostEvents {
  /** The plugin's thread has ended without being told to; `inMs`: when the next is started. */
  ended: [cause: string, inMs: number];
  /** It ended too often: the plugin is switched off until this process is started anew. */
  switchedOff: [cause: string];
  /** The plugin counts or measures something of its own. */
  measured: [kind: 'count' | 'observe', name: string, value: number];
  /** An error that no handler caught and nobody awaited. */
  detached: [error: RookeryError];
}

interface Work {
  readonly call: HandlerCall;
  readonly where: string;
  readonly settle: (error: RookeryError | undefined) => void;
}

/** Ended so often within the window, a plugin is switched off. */
const ENDS_MAX = 3;
const WINDOW_MS = 5 * MINUTE;
/** Before the thread is started again: after the first end at once, since a start takes some 25 ms. */
const BACK_OFF_MS = [0, 1 * SECOND] as const;

/** Keeps one thread for one plugin: starts it again when a handler has ended it, and runs what was lost without fault again. */
export class ThreadHost extends EventEmitter<ThreadHostEvents> implements PluginHost {
  #thread: PluginThread | undefined;
  #commands: readonly CommandInfo[] = [];
  #layers: ConfigLayers = {};
  /** Wait for a thread. */
  #waiting: Work[] = [];
  /** One of them has ended the thread. They run again one at a time, and nothing else with them, until it is known which. */
  #suspects: Work[] = [];
  #ends: number[] = [];
  #off = false;
  #stopping = false;
  /** It had no call yet, and has no thread therefore. */
  #resting = false;

  private constructor(
    readonly manifest: PluginManifest,
    private readonly options: PluginThreadOptions,
  ) {
    super();
  }

  /** Rejects with PLUGIN_INVALID when the plugin cannot be loaded. */
  static async start(options: PluginThreadOptions): Promise<ThreadHost> {
    const thread = new PluginThread(options);
    const host = new ThreadHost(await thread.ready(), options);
    host.#adopt(thread);
    return host;
  }

  /**
   * For a plugin of our own: the thread, some 250 ms of CPU and 15 MB, begins with the first call, since most plugins of most workers
   * are never called. What the plugin declares is read here and now. Rejects with PLUGIN_INVALID.
   */
  static async rest(options: PluginThreadOptions): Promise<ThreadHost> {
    const host = new ThreadHost(await readManifest(options.source), options);
    host.#resting = true;
    return host;
  }

  get switchedOff(): boolean {
    return this.#off;
  }

  introduce(commands: readonly CommandInfo[]): void {
    this.#commands = commands;
    this.#thread?.introduce(commands);
  }

  configure(layers: ConfigLayers): void {
    this.#layers = layers;
    this.#thread?.configure(layers);
  }

  run(call: HandlerCall): Promise<RookeryError | undefined> {
    const where = `handler ${this.manifest.id}.${call.handler} on event ${call.event.id}`;
    return new Promise((settle) => this.#offer({ call, where, settle }));
  }

  finishWithin(ms: number): void {
    this.options.clock.after(ms, () => {
      this.#stopping = true;
      this.#thread?.interrupt();
      for (const work of [...this.#suspects.splice(0), ...this.#waiting.splice(0)]) work.settle(interrupted(work));
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#thread?.stop();
  }

  #offer(work: Work): void {
    if (this.#off) return work.settle(this.#offError(work));
    if (this.#stopping) return work.settle(interrupted(work));
    this.#waiting.push(work);
    if (this.#resting) {
      this.#resting = false;
      void this.#startThread();
    }
    this.#pump();
  }

  #pump(): void {
    const thread = this.#thread;
    if (!thread) return;
    const [suspect] = this.#suspects;
    if (suspect) {
      if (thread.size === 0) this.#start(thread, suspect);
      return;
    }
    for (const work of this.#waiting.splice(0)) this.#start(thread, work);
  }

  #start(thread: PluginThread, work: Work): void {
    void thread.run(work.call, work.where).then((end) => {
      this.#suspects = this.#suspects.filter((suspect) => suspect !== work);
      if (end.kind === 'ended') work.settle(end.error);
      else if (end.blame === 'this') work.settle(this.#endedHost(work, end.cause));
      else if (this.#off) work.settle(this.#offError(work));
      else if (this.#stopping) work.settle(interrupted(work));
      else if (end.blame === 'unknown') this.#suspects.push(work);
      else this.#waiting.unshift(work);
      this.#pump();
    });
  }

  #adopt(thread: PluginThread): void {
    this.#thread = thread;
    thread.introduce(this.#commands);
    thread.configure(this.#layers);
    thread.on('measured', (kind, name, value) => this.emit('measured', kind, name, value));
    thread.on('detached', (error) => this.emit('detached', error));
    thread.once('ended', (cause) => this.#ended(cause));
    this.#pump();
  }

  #ended(cause: string): void {
    this.#thread = undefined;
    if (this.#stopping) return;
    const now = this.options.clock.monotonic();
    this.#ends = [...this.#ends.filter((at) => now - at < WINDOW_MS), now];
    if (this.#ends.length >= ENDS_MAX) return this.#switchOff(cause);
    const inMs = BACK_OFF_MS[this.#ends.length - 1] ?? BACK_OFF_MS[1];
    this.emit('ended', cause, inMs);
    this.options.clock.after(inMs, () => void this.#startThread());
  }

  async #startThread(): Promise<void> {
    if (this.#stopping) return;
    const thread = new PluginThread(this.options);
    try {
      await thread.ready();
      if (this.#stopping) await thread.stop();
      else this.#adopt(thread);
    } catch (thrown) {
      this.#ended(toError(thrown).message);
    }
  }

  #switchOff(cause: string): void {
    this.#off = true;
    this.emit('switchedOff', cause);
    for (const work of [...this.#suspects.splice(0), ...this.#waiting.splice(0)]) work.settle(this.#offError(work));
  }

  #offError({ where }: Work): RookeryError {
    return new RookeryError('PLUGIN_OFF', `${where} was not run: the plugin is switched off`);
  }

  #endedHost({ where }: Work, cause: string): RookeryError {
    return new RookeryError('HANDLER_ENDED_HOST', `${where} ended the thread of its plugin: ${cause}`);
  }
}

function interrupted({ where }: Work): RookeryError {
  return new RookeryError('HANDLER_INTERRUPTED', `${where} was not run: the worker stops`);
}
