import type { Cooldown, Guard, HandlerInput, HandlerSpec, LocalText } from '@rookery/plugin-kit';
import type { Segment } from '@rookery/protocol';

/** A method of a plugin that can be run. */
export interface Route {
  readonly plugin: string;
  readonly handler: string;
  /** Milliseconds; absent where the plugin does not say. */
  readonly deadlineMs?: number;
  /** It is called by a command: somebody waits for the answer. */
  readonly command?: true;
  /** It has asked the sender something, and the message is taken for the answer. */
  readonly answers?: true;
  /** Default 0. */
  readonly priority?: number;
  readonly stop?: true;
  /** Only where it is switched on. */
  readonly off?: true;
  readonly guard?: Guard;
  readonly cooldown?: Cooldown;
}

/**
 * What is said to who typed, instead of running a handler. `usage`: it does not fit the pattern. `refused`: they may not use it.
 * `suggestion`: there is no such command, but one that is written nearly so.
 */
export interface Answer {
  readonly kind: 'usage' | 'refused' | 'suggestion';
  readonly text: LocalText;
}

/** A handler that wants an event. */
export interface Match {
  readonly route: Route;
  /** For messages: what follows the command, or everything where no command was called. */
  readonly rest: readonly Segment[];
  /** What was found in the event; absent for listeners. */
  readonly input?: HandlerInput;
  /** The handler is not run; this is said in its place. */
  readonly answer?: Answer;
}

export function routeOf(plugin: string, spec: HandlerSpec & { readonly cooldown?: Cooldown }): Route {
  const { method, deadlineMs, priority, stop, off, guard, cooldown } = spec;
  return {
    plugin,
    handler: method,
    ...(priority !== undefined && { priority }),
    ...(stop && { stop }),
    ...(off && { off }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(guard && { guard }),
    ...(cooldown && { cooldown }),
  };
}
