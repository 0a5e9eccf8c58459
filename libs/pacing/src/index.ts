/** How fast an account may act. Pure: time and chance are passed in. May import protocol. */
export { Pace, PACE_PROFILES } from './pace';
