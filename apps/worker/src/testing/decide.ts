import type { Action, ActionResult } from '@rookery/protocol';

/** What a test decides about an action instead of NapCat; undefined: it is sent. */
export type Decide = (action: Action) => Partial<ActionResult> | undefined;
