/**
 * Actors without any knowledge of bots: a mailbox per key, strictly first in first out and one message at a time within a
 * key, parallel across keys. Promises: no message is lost in silence (`offer` says when there is no room), and a handler
 * that throws costs its own message only. May import nothing of ours.
 */
export { KeyedMailboxes } from './keyed-mailboxes';
