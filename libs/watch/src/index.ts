/**
 * What one node at a time does for the cluster as a whole: looks at all of it, exports what is true of it, and tells people when
 * something is wrong. Every connector, worker and console is ready to do so; a lease decides which one does. Owner of nodemailer.
 */
export { fleetStatus } from './fleet-status';
export { startWatch } from './start-watch';
