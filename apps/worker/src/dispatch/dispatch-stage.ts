import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { Locale, Log, Outbox, PluginManifest } from '@rookery/plugin-kit';
import {
  RookeryError,
  toError,
  unfolded,
  type Clock,
  type ConversationKey,
  type EnvelopeEvent,
  type NodeId,
} from '@rookery/protocol';
import {
  Asks,
  Cooldowns,
  DeadLetters,
  PluginBoard,
  PluginSettings,
  Retries,
  type Redis,
  type SuspendedHandling,
  type UnfitPlugin,
} from '@rookery/redis';
import type { EnvelopeEnd } from '@rookery/queues';
import { ThreadHost, type MediaSettings, type PluginSource } from '../host';
import { Dialogs } from './dialogs';
import { Dispatcher } from './dispatcher';
import { failedHandling, Failures } from './failures';
import { LiveAccess } from './live-access';
import { PendingAsks } from './pending-asks';
import { ungranted, type Permitted } from './plugin-rights';
import { RetryRounds } from './retry-rounds';
import type { HandlerBacking } from './run-backing';
import type { Settled } from './settled';

export interface DispatchStageEvents {
  /** The plugin is loaded and its handlers are run. */
  pluginStarted: [plugin: string];
  /** The plugin could not be loaded; the others run without it. */
  pluginUnfit: [source: PluginSource, error: Error];
  /** The plugin says that it needs what it was not granted. */
  pluginLacks: [plugin: string, needs: readonly string[]];
  /** Something is granted to a plugin that this worker has not loaded. */
  permissionUnused: [plugin: string];
  /** The thread of the plugin has ended without being told to; the next one begins after `inMs`. */
  threadEnded: [plugin: string, cause: string, inMs: number];
  /** It ended too often: its handlers are not run any more until this worker is started anew. */
  pluginSwitchedOff: [plugin: string, cause: string];
  /** An error in the plugin's code that no handler caught and nobody awaited. */
  detached: [plugin: string, error: RookeryError];
  /** What was kept for another attempt was not of our making; it is gone. */
  foreignRetry: [id: string, error: Error];
  /** The settings of plugins could not be read, or what a plugin declares not be written; what is known goes on to hold. */
  settingsTrouble: [error: Error];
  /** What was kept of a handler that waits for an answer was not of our making; it is gone. */
  foreignAsk: [id: string, error: Error];
  /** The plugin counts or measures something of its own. */
  measured: [plugin: string, kind: 'count' | 'observe', name: string, value: number];
}

export interface DispatchStageOptions {
  /** Plugins that come with Rookery: the thread of each begins with its first call. */
  readonly builtIn: readonly PluginSource[];
  /** Those of the operator: their code runs in their threads alone, which begin at once. */
  readonly sources: readonly PluginSource[];
  readonly media: MediaSettings;
  readonly locale: Locale;
  /** Secret of the cluster that chance of plugins comes from. */
  readonly seed: string;
  readonly prefixes: readonly string[];
  readonly fleet: ReadonlySet<string>;
  readonly superusers: readonly string[];
  /** What the operator grants to plugins, by their ids. */
  readonly permissions: Permitted;
  readonly partitions: number;
  readonly redis: Redis;
  readonly node: NodeId;
  readonly outbox: Outbox;
  readonly backing: HandlerBacking;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where failed handlings are repeated: one at a time and among the other events of their conversation. */
export interface Turns {
  /** How the event was settled, at once or later; never rejects. */
  deliver(event: EnvelopeEvent): Settled | Promise<Settled>;
  /** Resolves when the work has been done in its turn; rejects when there was no room for it. */
  inTurn(conversation: ConversationKey, work: () => Promise<unknown>): Promise<void>;
}

const MEMORY_MB = 128;
const EXPIRE_AGAIN_MS = 1_000;

/** The plugins of a worker with their threads, and what becomes of what they fail at. */
export class DispatchStage extends EventEmitter<DispatchStageEvents> {
  readonly failures: Failures;
  /** What operators have set about plugins and people. */
  readonly access: LiveAccess;
  /** Handlers that wait for somebody's answer. */
  readonly asks: PendingAsks;
  #retries: Retries;
  #hosts: readonly ThreadHost[] = [];
  readonly #unfit: UnfitPlugin[] = [];
  #dispatcher: Dispatcher | undefined;
  #dialogs: Dialogs | undefined;
  #rounds: RetryRounds | undefined;

  constructor(private readonly options: DispatchStageOptions) {
    super();
    const { redis, partitions, clock, superusers } = options;
    const onForeign = (id: string, thrown: unknown) => void this.emit('foreignRetry', id, toError(thrown));
    this.#retries = new Retries({ redis, partitions, onForeign });
    const onForeignAsk = (id: string, thrown: unknown) => void this.emit('foreignAsk', id, toError(thrown));
    const store = new Asks({ redis, partitions, onForeign: onForeignAsk });
    this.asks = new PendingAsks({ store, partitions, clock });
    this.failures = new Failures({ retries: this.#retries, deadLetters: new DeadLetters(redis), clock });
    this.access = new LiveAccess({
      source: new PluginSettings(redis),
      superusers,
      clock,
      onTrouble: (error) => this.emit('settingsTrouble', error),
      onConfig: (layers) => {
        for (const host of this.#hosts) host.configure(layers.get(host.manifest.id) ?? {});
      },
    });
  }

  /** Loads the plugins. Rejects with PLUGIN_INVALID when two of them claim the same. */
  async start(): Promise<{ readonly dispatcher: Dispatcher; readonly dialogs: Dialogs }> {
    const { builtIn, sources, prefixes, fleet, redis, node, outbox, backing, locale, clock, log, permissions } =
      this.options;
    const hosts = await Promise.all([
      ...builtIn.map((source) => this.#load(source, 'rest')),
      ...sources.map((source) => this.#load(source, 'start')),
    ]);
    this.#hosts = hosts.filter((host) => host !== undefined);
    this.#dispatcher = new Dispatcher({
      plugins: this.#hosts,
      prefixes,
      fleet,
      outbox,
      failures: this.failures,
      asks: this.asks,
      backing,
      clock,
      log,
      locale,
      access: this.access,
      permissions,
      cooldowns: new Cooldowns(redis),
    });
    await this.access.start();
    const posts = this.manifests.map((manifest) => ({ ...manifest, ungranted: ungranted(manifest, permissions) }));
    for (const { id, ungranted: lacking } of posts) if (lacking.length > 0) this.emit('pluginLacks', id, lacking);
    this.#tellUnused(Object.keys(permissions));
    void new PluginBoard(redis)
      .post({ node, manifests: posts, unfit: this.#unfit, at: clock.now() })
      .catch((thrown: unknown) => this.emit('settingsTrouble', toError(thrown)));
    this.#dialogs = new Dialogs({ dispatcher: this.#dispatcher, asks: this.asks, clock });
    return { dispatcher: this.#dispatcher, dialogs: this.#dialogs };
  }

  #tellUnused(granted: readonly string[]): void {
    const loaded = new Set(this.manifests.map(({ id }) => id));
    for (const id of granted) if (!loaded.has(id)) this.emit('permissionUnused', id);
  }

  /** What the loaded plugins declare. */
  get manifests(): readonly PluginManifest[] {
    return this.#hosts.map(({ manifest }) => manifest);
  }

  /** Begins to repeat what has failed, of the partitions that this worker holds. */
  repeatIn(turns: Turns, partitions: () => readonly number[]): RetryRounds {
    const dispatcher = this.#dispatcher;
    if (!dispatcher)
      throw new RookeryError('INTERNAL', 'handlings were to be repeated before the plugins were started');
    this.#rounds = new RetryRounds({
      retries: this.#retries,
      failures: this.failures,
      partitions,
      clock: this.options.clock,
      repeat: async ({ event, ...failed }) =>
        failed.plugin === undefined
          ? ((await this.deliver(turns, event)) ?? 'settled')
          : turns.inTurn(event.conversation, () => dispatcher.repeat({ event, ...failed })).then(() => 'settled'),
    });
    this.#rounds.start();
    this.asks.on('due', (asked) => this.#expire(turns, asked));
    return this.#rounds;
  }

  /**
   * Has the event handled, unless it is withdrawn before; one that finds no room is kept for a person to look at. No promise when it is
   * settled at once. Rejects with ENVELOPE_INVALID when the event cannot be read, and so not be kept either.
   */
  deliver(turns: Pick<Turns, 'deliver'>, event: EnvelopeEvent): Promise<EnvelopeEnd> | undefined {
    const settled = turns.deliver(event);
    if (settled instanceof Promise) return settled.then((how) => this.#keep(event, how) ?? endOf(how));
    return this.#keep(event, settled);
  }

  #keep(event: EnvelopeEvent, settled: Settled): Promise<EnvelopeEnd> | undefined {
    if (settled.result !== 'failed') return undefined;
    if (settled.reason === 'ENVELOPE_INVALID')
      return Promise.reject(new RookeryError('ENVELOPE_INVALID', `event ${event.id} cannot be read from its envelope`));
    if (settled.reason !== 'overflow') return undefined;
    const text = `event ${event.id} found no room: too many events of ${event.conversation}, or of all, wait for their handlers`;
    const kept = this.failures.keep(failedHandling(unfolded(event)), new RookeryError('CONVERSATION_FULL', text));
    return kept.then(() => 'settled');
  }

  /** Takes up no more repetitions, and gives up what still runs after so many milliseconds. */
  async finishWithin(ms: number): Promise<void> {
    for (const host of this.#hosts) host.finishWithin(ms);
    await this.#rounds?.stop();
  }

  /** When nothing runs any more. */
  async stop(): Promise<void> {
    this.access.stop();
    await Promise.all(this.#hosts.map((host) => host.stop()));
  }

  /** When there is no room for a turn now, there will be. */
  #expire(turns: Turns, asked: SuspendedHandling): void {
    turns
      .inTurn(asked.ask.conversation, async () => this.#dialogs?.expire(asked))
      .catch(() => this.options.clock.after(EXPIRE_AGAIN_MS, () => this.#expire(turns, asked)));
  }

  async #load(source: PluginSource, how: 'start' | 'rest'): Promise<ThreadHost | undefined> {
    const { clock, log, media, locale, seed } = this.options;
    const script = join(__dirname, '../host/thread/entry.js');
    try {
      const host = await ThreadHost[how]({ source, script, memoryMb: MEMORY_MB, clock, log, locale, seed, media });
      const { id } = host.manifest;
      host.on('ended', (cause, inMs) => this.emit('threadEnded', id, cause, inMs));
      host.on('switchedOff', (cause) => this.emit('pluginSwitchedOff', id, cause));
      host.on('measured', (kind, name, value) => this.emit('measured', id, kind, name, value));
      host.on('detached', (error) => this.emit('detached', id, error));
      this.emit('pluginStarted', id);
      return host;
    } catch (thrown) {
      const error = toError(thrown);
      this.#unfit.push({ module: source.module, reason: error.message });
      this.emit('pluginUnfit', source, error);
      return undefined;
    }
  }
}

const endOf = ({ result }: Settled): EnvelopeEnd => (result === 'withdrawn' ? 'withdrawn' : 'settled');
