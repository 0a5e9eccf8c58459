import { readEnvironment, variable } from '@rookery/config';
import { MemoryFleet, type TestFleet, type TestFleetOptions as FleetOptions } from '../../worker/src/testing';

/**
 * The test kit for authors of plugins. In memory a fleet has the worker's own matching, order, copies, questions and contexts, needs
 * nothing that runs, and takes milliseconds; with `real` the same test runs on Redis, a connector, workers with plugin threads and
 * simulated NapCats, which takes seconds.
 */
export type {
  BroadcastProgress,
  Decide,
  FleetAction,
  GroupRole,
  PluginClass,
  Said,
  TestFleet,
  TestUser,
} from '../../worker/src/testing';

export interface TestFleetOptions extends FleetOptions {
  /**
   * Runs the test on the real pipeline, as ROOKERY_TEST_REAL=1 in the environment does for tests that do not say. Plugins are found by
   * the CommonJS modules that export them; where there are none, name the compiled files: `{ modules: ['/…/dice.mjs'] }`.
   */
  readonly real?: boolean | { readonly modules: readonly string[] };
}

/** `await testFleet({ plugins: [Dice] })`, then `await fleet.user('7').in('100').says('/roll 6')`. */
export async function testFleet(options: TestFleetOptions): Promise<TestFleet> {
  const { real = variable(readEnvironment(), 'ROOKERY_TEST_REAL') === '1' } = options;
  if (real === false) return await MemoryFleet.start(options);
  const { RealFleet } = await import('./real/real-fleet.js');
  return await RealFleet.start(options, real === true ? undefined : real.modules);
}
