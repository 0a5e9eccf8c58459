import type { Clock, Event, JournalEntry, MediaPolicy } from '@rookery/protocol';
import type { CommandInfo } from './catalogue';
import type { Backing } from './handling/backing';
import type { Locale } from './local-text';
import type { Log } from './log';
import type { Metrics } from './metrics';
import type { Outbox } from './outbox';

/** What all contexts of a process share. */
export interface ContextServices {
  readonly outbox: Outbox;
  readonly backing: Backing;
  readonly clock: Clock;
  readonly commands: readonly CommandInfo[];
  readonly log: Log;
  readonly metrics: Metrics;
  readonly locale: Locale;
  /** What holds where an event happened; without it, what the plugin's schema makes of nothing. */
  readonly config?: (event: Event) => unknown;
  /** Secret of the cluster that chance comes from. */
  readonly seed: string;
  /** Which files and addresses NapCat may be told to read; the default allows public addresses only. */
  readonly media?: MediaPolicy;
}

/** For whom a context is made. */
export interface HandlerScope {
  readonly plugin: string;
  readonly handler: string;
  readonly signal: AbortSignal;
  /** When the handler is given up, milliseconds since 1970. */
  readonly deadline: number;
  /** What the handler did before it was suspended. */
  readonly journal?: readonly JournalEntry[];
}
