import type { Backing, CommandInfo, ConfigLayers, HandlerInput, Outbox, PluginManifest } from '@rookery/plugin-kit';
import type { Event, JournalEntry, RookeryError, Segment } from '@rookery/protocol';

/** Where a plugin's code is. */
export interface PluginSource {
  /** Absolute path of a CommonJS or ES module that exports exactly one class with `@BotPlugin`. */
  readonly module: string;
  /** Handed to the constructor of the class; plain data. */
  readonly config?: unknown;
  /** What it runs in; a thread unless it says otherwise. */
  readonly isolation?: 'thread' | 'process';
}

/** One event for one handler. */
export interface HandlerCall {
  readonly event: Event;
  /** For messages: what follows the command, or everything where no command was called. */
  readonly rest: readonly Segment[];
  /** What was found in the event; absent where a handler just listens. */
  readonly input?: HandlerInput | undefined;
  /** Name of the method. */
  readonly handler: string;
  /** Milliseconds from the moment at which the handler begins. */
  readonly deadlineMs: number;
  /** What it did before it was suspended, with the answer; empty for a handler that begins. */
  readonly journal: readonly JournalEntry[];
  /** Where the actions that the handler asks for go. */
  readonly outbox: Outbox;
  /** What else it needs of the worker. */
  readonly backing: Backing;
}

/**
 * Where the handlers of one plugin run. Whatever a handler throws, never does or does to its thread ends as one
 * {@link RookeryError}; an event is handed over as a copy, so that no plugin changes what another sees.
 */
export interface PluginHost {
  readonly manifest: PluginManifest;
  /** True when the plugin is switched off: its handlers are not run any more. */
  readonly switchedOff: boolean;
  /** Every command there is, for help texts; told once, before the first call. */
  introduce(commands: readonly CommandInfo[]): void;
  /** What operators have set of the plugin's configuration, by scope; told at each change. */
  configure(layers: ConfigLayers): void;
  /** Resolves with the failure, or with undefined when all went well and nothing asked for can be lost. Never rejects. */
  run(call: HandlerCall): Promise<RookeryError | undefined>;
  /** Whatever runs that many milliseconds from now is given up with HANDLER_INTERRUPTED. */
  finishWithin(ms: number): void;
  stop(): Promise<void>;
}
