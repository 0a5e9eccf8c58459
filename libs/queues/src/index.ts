/**
 * The queues between connectors and workers: what jobs there are, how they are put and taken. Owner of bullmq. May import
 * protocol and redis. Promises: an acknowledged envelope or action survives this process; the same id put twice is one job.
 */
export { ActionPublisher, type AnnounceWork, actionJobId } from './action-publisher';
export { ActionSource, type ActionSourceOptions, type TakenAction } from './action-source';
export { actionQueueName, readQueueName } from './catalogue';
export { EnvelopeFetch } from './envelope-fetch';
export { EventConsumer, type EnvelopeEnd, type EventConsumerEvents, type EventConsumerOptions } from './event-consumer';
export { EventPublisher } from './event-publisher';
export { readQueueDepths, type QueueDepths } from './queue-depths';
export { Schedules, type Schedule, type Tick } from './schedules';
export { takeOver } from './take-over';
export { SharedQueueBackend, STALL_CHECK_MS } from './queue-backend';
