/**
 * Test kit of this repository: fake clock, private Redis per test, leak checks, contract suites.
 *
 * Promises: nothing here keeps a process alive or outlives the test that asked for it.
 * May be imported only by specs and `test/`; may import protocol, config, cluster, pacing, onebot, redis, queues, plugin-kit and simulator.
 */
export { FakeClock } from '@rookery/protocol';
export { leaseStoreContract } from './lease-store-contract';
export { MemoryLeaseStore } from './memory-lease-store';
export { storageContract, type StorageUnderTest } from './storage-contract';
export { testRedisBinary } from './test-redis-binary';
export { ofOneServer, scriptCalls, startTestRedis, type TestRedis, type TestRedisOptions } from './private-redis';
export { withTestRedis } from './with-test-redis';
export { freePort, succeeding, type NetworkServer } from './network-server';
export { startTestCluster, type TestCluster } from './private-cluster';
export { TestAuthority, type TestCertificate } from './test-certificates';
export { startTestSentinel } from './private-sentinel';
export { noBacking } from './no-backing';
export { eventually } from './eventually';
export { haveOneShape } from './shapes';
export { fuzzing, JSON_SPLINTERS, JSON_VALUES, mutated } from './mutations';
export { dialIn, ScriptedNapcat, type ScriptedPeer } from './scripted-napcat';
export { writtenEnvelope } from './written-envelope';
export {
  balance,
  disordered,
  excesses,
  executedTwice,
  mostSends,
  mostSendsWhile,
  type AskedSend,
  type Books,
  type Counting,
  type Excess,
  type SeenSend,
  type Span,
} from './send-audit';
