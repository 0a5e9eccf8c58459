/**
 * Link: the connections of accounts to their NapCats, forward (we dial) and reverse (NapCat dials).
 *
 * Words: a *link* is the connection of one account through all its reconnects, a *session* is one open socket of it, the
 * *greeting* is the first lifecycle frame, which proves who is at the other end.
 * Promises: see {@link Links} and the state machine in {@link Link}.
 * May import: onebot, protocol. Knows no other stage of the connector.
 */
export { Links } from './links';
