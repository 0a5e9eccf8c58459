/**
 * Outbox: what handlers want goes out here, and results come back here. Promises that an action which was published is
 * never reported as certainly not sent. The last stage of the worker: may import no other.
 */
export type { ActionPublisher } from './action-publisher';
export { Outbox } from './outbox';
