/**
 * Broadcast: one message for many targets, carried out by the worker that holds the partition of the broadcast. Takes targets in small
 * windows per account, has each sent through the outbox, and gives to another account only what is certainly not sent. May import
 * outbox; knows no event, conversation or plugin.
 */
export { BroadcastStage } from './broadcast-stage';
export type { BroadcastRounds } from './broadcast-rounds';
