/**
 * The words of Rookery: ids, events, actions, segments, errors. Pure data and pure functions; imports nothing of ours.
 *
 * account       one QQ account, known by its `self_id`; always behind exactly one NapCat process
 * link          the live connection to an account's NapCat, forward (we dial) or reverse (NapCat dials)
 * pool          a named set of accounts that act as one bot
 * event         one normalized thing that happened: message, notice, request, meta
 * conversation  the unit of order and of state
 * copy          the same group message as another account of the pool saw it; equal (group, seq)
 * partition     one of P fixed shards of conversations; each has one event queue
 * node          one running connector or worker process
 * action        one OneBot API call wanted by a plugin, the console or a downstream client
 * lane          outbound priority class
 * outcome       how an action ended: sent, refused, not_sent, unknown
 */
export * from './account';
export * from './fleet-status';
export * from './action';
export { actionSpec, type ActionData, type ActionName, type ActionParams } from './actions/catalogue';
export { contentOf, contentOfSegments, targetOf, targetText } from './actions/target';
export { prepareAction, type PreparedAction } from './actions/prepare';
export * from './chat';
export * from './broadcast';
export * from './clock';
export * from './control/messages';
export * from './control/requests';
export * from './conversation';
export { editDistance } from './edit-distance';
export * from './envelope';
export * from './errors';
export * from './event';
export { FakeClock } from './fake-clock';
export * from './ids';
export * from './journal';
export * from './notice';
export * from './plugin-setting';
export * from './segment';
export { canonicalSegment } from './segments/canonical';
export * as segments from './segments/build';
export { DEFAULT_MEDIA_POLICY, type MediaPolicy } from './segments/media-policy';
export { parseCq } from './segments/cq';
export * from './waiting';
export * from './storage';
export * from './wire';
