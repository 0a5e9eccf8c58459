/**
 * Redis as the cluster uses it: connections, key names, scripts, stores. Owner of ioredis. May import protocol, cluster and
 * pacing. Keys are built in keys.ts only; every connection comes from createRedis.
 */
export * from './account-board';
export * from './action-claims';
export * from './client';
export * from './cluster-settings';
export { accountTag, partitionTag, PREFIX } from './keys';
export { localSocket } from './local-socket';
export { startPrivateRedis } from './private-server';
