/**
 * Redis as the cluster uses it: connections, key names, scripts, stores. Owner of ioredis. May import protocol, config,
 * cluster and pacing. Keys are built in keys.ts only; every connection comes from connectRedis.
 */
export { AccountBoard, AccountBoardWriter, type PostedStatus } from './account-board';
export { AccountEvents, type AccountEvent, type AccountTransition } from './account-events';
export type { OpenAction } from './open-action';
export type { AccountRegistration } from './account-registration';
export {
  type AccountChange,
  AccountRegistry,
  type AccountRegistryEvents,
  type AccountRegistryOptions,
  type RegisteredAccount,
} from './account-registry';
export { ActionAccounts, NOTED_AGAIN_MS } from './action-accounts';
export { ActionClaims, traceOf } from './action-claims';
export type { Claim } from './claim';
export { NewSends } from './new-sends';
export { AlarmMemory } from './alarm-memory';
export { Asks } from './asks';
export { Assignees, GroupAssignments } from './assignees';
export { BroadcastTaken, BroadcastWork, type BroadcastHand } from './broadcast-work';
export type { BroadcastRecord } from './broadcast-record';
export { Broadcasts } from './broadcasts';
export { blockingConnection } from './blocking-connection';
export { connectRedis, type Redis, type RedisUse } from './client';
export { publishingOptions, redactedRedisUrl } from './connection-options';
export { ClusterAgreement } from './cluster-agreement';
export { requireDurableRedis } from './durable-redis';
export { Cooldowns } from './cooldowns';
export { decideTick, decisionOnTick } from './decide-tick';
export { areSchedulesNoted, noteSchedules } from './declared-schedules';
export { DeadLetters, type DeadLetterFilter } from './dead-letters';
export type { DeadLetter, FailedHandling } from './failed-handling';
export { accountTag, partitionTag, PREFIX } from './keys';
export { EnvelopeArrivals } from './envelope-arrivals';
export { EnvelopePuts } from './envelope-puts';
export { EnvelopeTakes, type EnvelopeJob, type TakenEnvelopes, type TakeWish } from './envelope-takes';
export { findRedisServer } from './find-server';
export { LimitOverrides, parseScope } from './limit-overrides';
export { HoldMemories, type StoredHolds } from './hold-memory';
export { copyKeys, hasKeys, pasteKeys, removeKeys, type KeyCopy } from './key-copies';
export { inspectRedis, type RedisFacts } from './inspect-redis';
export { liveNodes } from './live-nodes';
export { localSocket } from './local-socket';
export { ExpiredSends, type ExpiredSend } from './expired-sends';
export {
  type Admission,
  type Admitted,
  type NextTry,
  OutgoingSends,
  type SendRequest,
  type WaitingSends,
} from './outgoing-sends';
export { SendTurns, type Candidate, type Found, type LookWish, type NoCandidate, type OwnClaim } from './send-turns';
export { weights, type SendLane, type SendLimits, type SendLogs, type Window } from './send-limits';
export { RedisLeaseStore } from './redis-lease-store';
export { PartitionLedger } from './partition-ledger';
export { LEFT } from './scripts/note-in-ledger';
export { startPrivateRedis } from './private-server';
export { PluginBoard, type PostedPlugin, type UnfitPlugin } from './plugin-board';
export { PluginSettings } from './plugin-settings';
export { PluginStorage } from './plugin-storage';
export { redisMemory, redisStanding, type RedisMemory, type RedisStanding } from './redis-standing';
export { requireRights } from './require-rights';
export { Retries, type TakenRetry } from './retries';
export { TraceLog, type TraceRecord, type TraceStep } from './trace-log';
export { SettledMemory, type Taken } from './settled-memory';
export { WaitingReads } from './waiting-reads';
export type { SuspendedHandling } from './suspended-handling';
export { SeenSequences } from './seen-sequences';
