import { TestFleet, type TestFleetOptions } from './test-fleet';

/**
 * The test kit for authors of plugins: the worker's own matching, order, copies, questions and
 * contexts, with memory in the place of Redis and NapCat. Needs nothing that runs, and takes milliseconds.
 */
export type { BroadcastProgress } from './memory-broadcasts';
export type { Said, TestFleet, TestFleetOptions, TestUser } from './test-fleet';

/** `await testFleet({ plugins: [Dice] })`, then `await fleet.user('7').in('100').says('/roll 6')`. */
export function testFleet(options: TestFleetOptions): Promise<TestFleet> {
  return TestFleet.start(options);
}
