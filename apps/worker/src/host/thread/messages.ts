import type { Backing, CommandInfo, ConfigLayers, HandlerInput, Locale, PluginManifest } from '@rookery/plugin-kit';
import type { ActionResult, ErrorCode, Event, JournalEntry, Segment } from '@rookery/protocol';
import type { MediaSettings } from '../media-settings';
import type { PluginSource } from '../plugin-host';

/**
 * What travels between the worker's main thread and a plugin's thread or process, in batches (arrays) of whatever came up in one turn.
 * `call` numbers the handler runs of one thread from 1, `ask` numbers what one thread asks.
 */
export type ToThread =
  | { readonly type: 'config'; readonly layers: ConfigLayers }
  | { readonly type: 'commands'; readonly commands: readonly CommandInfo[] }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly handler: string;
      readonly event: Event;
      readonly rest: readonly Segment[];
      readonly input?: HandlerInput;
      readonly journal: readonly JournalEntry[];
      /** Milliseconds from the moment at which the handler begins. */
      readonly deadlineMs: number;
    }
  | { readonly type: 'abort'; readonly call: number; readonly reason: string }
  | { readonly type: 'queued'; readonly ask: number }
  | { readonly type: 'result'; readonly call: number; readonly ask: number; readonly result: ActionResult }
  /** `error`: why the action could not be stored. */
  | { readonly type: 'posted'; readonly ask: number; readonly error?: Problem }
  /** `value` as the method of the backing returns it. */
  | { readonly type: 'answered'; readonly call: number; readonly ask: number; readonly answer: Answered };

export type FromThread =
  | { readonly type: 'ready'; readonly manifest: PluginManifest }
  | { readonly type: 'unfit'; readonly message: string }
  | { readonly type: 'started'; readonly call: number }
  /** From a process: the code of this call is what runs now, or that of none (0). A thread tells it by shared memory. */
  | { readonly type: 'running'; readonly call: number }
  | { readonly type: 'ended'; readonly call: number; readonly failure?: Failure }
  /** Answers `abort`: the thread is not blocked. */
  | { readonly type: 'aborted'; readonly call: number }
  /** `action` as JSON: plugins can put what they like into parameters, and not all of it can be cloned. */
  | {
      readonly type: 'ask';
      readonly call: number;
      readonly ask: number;
      readonly action: string;
      readonly deadlineMs?: number;
    }
  | { readonly type: 'post'; readonly call: number; readonly ask: number; readonly action: string }
  /** What the handler returned: the call is not over before it is stored, and nobody in the thread waits for that. */
  | { readonly type: 'leave'; readonly call: number; readonly action: string }
  /** `argument` as JSON, for the same reason. */
  | {
      readonly type: 'request';
      readonly call: number;
      readonly ask: number;
      readonly method: keyof Backing;
      readonly argument: string;
    }
  | { readonly type: 'metric'; readonly kind: 'count' | 'observe'; readonly name: string; readonly value: number }
  | { readonly type: 'log'; readonly level: LogLevel; readonly fields: string; readonly text: string }
  /** An error that no handler caught and nobody awaited. */
  | { readonly type: 'detached'; readonly failure: Failure };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Failure {
  readonly message: string;
  readonly stack?: string;
}

/** What came of a request. */
export type Answered = { readonly value: unknown } | { readonly error: Problem };

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a plugin is started with. */
export interface PluginData {
  readonly source: PluginSource;
  readonly locale: Locale;
  /** Secret of the cluster that chance comes from. */
  readonly seed: string;
  readonly media: MediaSettings;
}

export interface ThreadData extends PluginData {
  /** One 32-bit integer: the call whose code runs at this moment, as far as is known, or 0. */
  readonly running: SharedArrayBuffer;
}
