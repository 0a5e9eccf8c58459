import {
  manifestOf,
  type CommandInfo,
  type ConfigLayers,
  type Locale,
  type Log,
  type Metrics,
  type PluginConfig,
  type PluginManifest,
} from '@rookery/plugin-kit';
import { RookeryError, type Clock } from '@rookery/protocol';
import { Deadline } from './deadline';
import { configOf } from './load-plugin';
import type { HandlerCall, PluginHost } from './plugin-host';
import { startHandler } from './run-handler';

export interface InProcessHostOptions {
  /** Instance of a class with `@BotPlugin`. */
  readonly plugin: object;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly locale: Locale;
  readonly seed: string;
  /** Settings of plugins by their ids, as rookery.yaml gives them. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Runs a plugin in the caller's own thread, for tests. Deadlines, copies and failures are as in a thread of its own; a handler
 * that blocks, exhausts the memory or exits takes the process with it.
 */
export class InProcessHost implements PluginHost {
  readonly manifest: PluginManifest;
  readonly switchedOff = false;
  #commands: readonly CommandInfo[] = [];
  readonly #config: PluginConfig;
  readonly #interrupts = new Set<() => void>();

  /** Throws PLUGIN_INVALID. */
  constructor(private readonly options: InProcessHostOptions) {
    const { plugin, log, config = {} } = options;
    this.manifest = manifestOf(plugin.constructor as new () => object);
    this.#config = configOf(plugin.constructor, this.manifest.id, config[this.manifest.id], (message) =>
      log.warn({}, message),
    );
  }

  introduce(commands: readonly CommandInfo[]): void {
    this.#commands = commands;
  }

  configure(layers: ConfigLayers): void {
    this.#config.set(layers);
  }

  async run({
    event,
    rest,
    input,
    handler,
    deadlineMs,
    journal,
    outbox,
    backing,
  }: HandlerCall): Promise<RookeryError | undefined> {
    const { plugin, clock, log, metrics, locale, seed } = this.options;
    const where = `handler ${this.manifest.id}.${handler} on event ${event.id}`;
    const time = new Deadline();
    let giveUp: (error: RookeryError) => void = () => undefined;
    const givenUp = new Promise<RookeryError>((resolve) => {
      giveUp = (error) => {
        // Whatever still runs of the handler can ask for nothing more: its conversation goes on without it.
        started.giveUp();
        time.abort(error);
        resolve(error);
      };
    });
    const cancel = clock.after(deadlineMs, () =>
      giveUp(new RookeryError('HANDLER_TIMEOUT', `${where} passed its deadline of ${deadlineMs} ms`)),
    );
    const interrupt = () => giveUp(new RookeryError('HANDLER_INTERRUPTED', `${where} was given up: the worker stops`));
    this.#interrupts.add(interrupt);
    const started = startHandler({
      plugin,
      pluginId: this.manifest.id,
      handler,
      event: structuredClone(event),
      rest: structuredClone(rest),
      ...(input && { input: structuredClone(input) }),
      journal: structuredClone(journal),
      time,
      deadline: clock.now() + deadlineMs,
      services: {
        outbox,
        backing,
        clock,
        log,
        metrics,
        locale,
        seed,
        commands: this.#commands,
        config: (of) => this.#config.at(of),
      },
    });
    const error = await Promise.race([started.ended, givenUp]);
    cancel();
    this.#interrupts.delete(interrupt);
    return error;
  }

  finishWithin(ms: number): void {
    this.options.clock.after(ms, () => {
      for (const interrupt of this.#interrupts) interrupt();
    });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
