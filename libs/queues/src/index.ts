/**
 * The queues between connectors and workers: what jobs there are, how they are put and taken. Owner of bullmq. May import
 * protocol and redis. Promises: an acknowledged envelope or action survives this process; the same id put twice is one job.
 */
export * from './action-publisher';
export * from './action-source';
export { actionQueueName, readQueueName } from './catalogue';
export * from './event-consumer';
export * from './event-publisher';
export { readQueueDepths, type QueueDepths } from './queue-depths';
export { Schedules, type Schedule, type Tick } from './schedules';
export { takeOver } from './take-over';
export { SharedQueueBackend, STALL_CHECK_MS } from './queue-backend';
