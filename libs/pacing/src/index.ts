/**
 * How fast an account may act: limits and what is in force of them. Pure: time and chance are passed in. May import protocol.
 *
 * layer    one rule among several that all hold at the same time: account, conversation, kind, day, repeats, gap, quiet hours
 * scope    where a rule was said: global < pool < account < conversation
 * profile  a whole set of rules with a name
 */
export { dayOf, quietForMs } from './day';
export { LaneShare } from './lane-share';
export {
  type LimitSettings,
  type LimitsPatch,
  PROFILES,
  PROFILE_NAMES,
  type ProfileName,
  type QuietHours,
  type Rate,
  impossible,
} from './limits';
export {
  type LimitLayer,
  type LimitScope,
  type LimitSource,
  LimitTable,
  type LimitsInForce,
  resolveLimits,
  scopeKey,
} from './limits-in-force';
export { slowness, windowMs } from './stretch';
export { Breaker, type BreakerChange, type BreakerMemory, type BreakerRules } from './breaker';
