/**
 * Conversation: one mailbox per conversation, so that its events are handled in order and one at a time while others go on.
 * Decides which events are dispatched at all: not our own, not what was settled before, of several copies of one message only
 * one, and nothing of a sender that answers like a bot. May import dispatch and the libraries; only the
 * stage itself knows Redis, its parts know ports.
 */
export { ConversationStage } from './conversation-stage';
