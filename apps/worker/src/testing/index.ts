/**
 * A fleet in memory, for tests of plugins: the worker's own matching, order, copies, questions and contexts, with memory in the
 * place of Redis and NapCat. Needs nothing that runs, and takes milliseconds.
 */
export type { Decide, FleetAction, GroupRole, PluginClass, Said, TestFleet, TestFleetOptions, TestUser } from './fleet';
export type { BroadcastProgress } from './memory-broadcasts';
export { MemoryFleet } from './memory-fleet';
