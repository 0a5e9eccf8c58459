/**
 * A small QQ behind any number of fake NapCats: people, groups and sequences on one side, OneBot V11 over real sockets on
 * the other, with faults that can be scripted while it runs. The counterpart of every test that needs an account.
 *
 * world      people, accounts, groups, chats; `say` and `notices` make things happen, `sent()` and `audit` tell what our
 *            side did
 * endpoint   the NapCat process of one account; `faults` and its own methods make it misbehave
 * host       the sockets of all endpoints: one shared forward server, servers of their own, reverse dialers
 * fleet      a ready-made world with endpoints and chatter
 *
 * Promises: the same seed and clock give the same ids, sequences and messages; frames have NapCat's fields, types and
 * order; nothing is buffered or replayed for a client that was away. May import protocol, and `ws`.
 */
export { EndpointHost, type EndpointHostOptions } from './endpoint/endpoint-host';
export type { ActionScript, Endpoint, EndpointOptions } from './endpoint/endpoint';
export type { ReverseDialer } from './endpoint/reverse-dialer';
export { Fleet, type FleetAccount, type FleetOptions } from './fleet/fleet';
export { seededRandom } from './random';
export type { SentRecord, Violation } from './world/audit';
export type { Said } from './world/conversation';
export { spokenText } from './world/spoken-text';
export { World, type Where } from './world/world';
