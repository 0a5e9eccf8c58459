/**
 * Conversation: one mailbox per conversation, so that its events are handled in order and one at a time while others go on.
 * Decides which events are dispatched at all: not our own, and of several copies of one message only one.
 */
export { Conversations } from './conversations';
