import type { AcceptedCall, ActionData, ActionName, ActionParams, ActionResult, Lane } from '@rookery/protocol';

export interface CallOptions {
  /** Default: `read` for actions that change nothing, `normal` for others and for everything that is `_rate_limited`. */
  readonly lane?: Lane;
  /**
   * Milliseconds from now after which the caller is answered, whatever is known then; the action goes on waiting for its turn until
   * it expires. Default: the handler's own deadline.
   */
  readonly deadlineMs?: number;
  /**
   * Milliseconds from now after which the action is not begun any more and ends as `not_sent`. Default by lane: replies and
   * reads 60 s, `normal` 10 minutes, `bulk` an hour.
   */
  readonly expiresMs?: number;
  /** The same as a moment, milliseconds since 1970; wins over `expiresMs`. */
  readonly expiresAt?: number;
  /**
   * What is asked again under the same id, by this plugin and for the same account, is the same action: within an hour it is carried
   * out once, and everybody gets its first outcome. Default: derived from the event and the order of asking.
   */
  readonly id?: string;
}

/** What follows the name of an action that the protocol table knows; parameters may be left out where none is required. */
export type CallArguments<Name extends ActionName> =
  Record<never, never> extends ActionParams<Name>
    ? [params?: ActionParams<Name>, options?: CallOptions]
    : [params: ActionParams<Name>, options?: CallOptions];

/** `data` is what NapCat documents for the action; it is not checked at run time. */
export type CallResult<Name extends ActionName> = Omit<ActionResult, 'data'> & { readonly data?: ActionData<Name> };

/**
 * The forms of OneBot 11 for callers who do not wait. `_async`: carried out as always. `_rate_limited`: in the lane `normal`, one after
 * the other and at the pace of sends. Sends are paced in every form; for what only reads it means that it waits its turn among them,
 * and since nobody is told what was read, it is of use only where reading has an effect of its own.
 */
export type UnawaitedAction<Name extends ActionName> = `${Name}_async` | `${Name}_rate_limited`;

/** The name of an action that the table does not know, so that a wrong call of a known one does not pass as "any other". */
export type OtherAction<Name extends string> = Name extends ActionName | UnawaitedAction<ActionName> ? never : Name;

/** What a call of an action under that name answers with, where the table does not know the action. */
export type OtherResult<Name extends string> = Name extends `${string}_async` | `${string}_rate_limited`
  ? AcceptedCall
  : ActionResult;
