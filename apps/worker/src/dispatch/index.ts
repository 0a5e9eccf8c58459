/**
 * Dispatch: which handlers want an event, having them run, and what becomes of those that fail. Matching uses a table made from
 * the manifests and runs no plugin code; a failed handler is repeated outside its conversation's way, and in the end its event
 * is kept as a dead letter. May import host; may not import consume or conversation.
 */
export type { Dialogs } from './dialogs';
export { DispatchStage } from './dispatch-stage';
export type { Dispatcher } from './dispatcher';
export type { PendingAsks } from './pending-asks';
export type { RetryRounds } from './retry-rounds';
export type { Settled } from './settled';
export { Tallies } from './tallies';
