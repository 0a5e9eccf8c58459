/**
 * Dispatch: which handlers want an event, and running them. Matching uses a table made from the manifests and runs no plugin
 * code; a handler has a deadline, and whatever it throws or never does ends as one kind of failure. Asks the outbox through
 * the plugin kit's port; may not import consume or conversation.
 */
export { Dispatcher } from './dispatcher';
export type { Settled } from './settled';
