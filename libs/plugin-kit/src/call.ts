import type { ActionData, ActionName, ActionParams, ActionResult, Lane } from '@rookery/protocol';

export interface CallOptions {
  /** Default: `read` for actions that change nothing, `normal` for others. */
  readonly lane?: Lane;
}

/** What follows the name of an action that the protocol table knows; parameters may be left out where none is required. */
export type CallArguments<Name extends ActionName> =
  Record<never, never> extends ActionParams<Name>
    ? [params?: ActionParams<Name>, options?: CallOptions]
    : [params: ActionParams<Name>, options?: CallOptions];

/** `data` is what NapCat documents for the action; it is not checked at run time. */
export type CallResult<Name extends ActionName> = Omit<ActionResult, 'data'> & { readonly data?: ActionData<Name> };

/** The name of an action that the table does not know, so that a wrong call of a known one does not pass as "any other". */
export type OtherAction<Name extends string> = Name extends ActionName ? never : Name;
