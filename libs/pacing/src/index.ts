/**
 * How fast an account may act: limits and what is in force of them. Pure: time and chance are passed in. May import protocol.
 *
 * layer    one rule among several that all hold at the same time: account, conversation, kind, day, repeats, gap, quiet hours
 * scope    where a rule was said: global < pool < account < conversation
 * profile  a whole set of rules with a name
 */
export * from './day';
export { LaneShare } from './lane-share';
export * from './limits';
export * from './limits-in-force';
export { slowness, windowMs } from './stretch';
export { Breaker, type BreakerChange, type BreakerMemory, type BreakerRules } from './breaker';
