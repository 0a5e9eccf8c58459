import type { ClientRequest, IncomingMessage } from 'node:http';
import { assertNever, type Clock } from '@rookery/protocol';
import { WebSocket } from 'ws';
import { FrameSocket } from './frame-socket';
import type { SocketLimits } from './limits';

/** Why a dial did not end in an open socket. A closed set, fit for a metric label. */
export const DIAL_FAILURES = [
  'connection_refused',
  'name_unknown',
  'unreachable',
  'reset',
  'timeout',
  'tls',
  'http_auth',
  'http_status',
  'settings',
  'other',
] as const;
export type DialFailure = (typeof DIAL_FAILURES)[number];

export type Dialled =
  | { readonly kind: 'open'; readonly socket: FrameSocket }
  /** `detail` is for people: an error code or an HTTP status, never an address or a token. */
  | { readonly kind: 'failed'; readonly failure: DialFailure; readonly detail: string };

export interface DialOptions {
  /** `ws:` or `wss:`. The token does not belong in it: addresses end up in logs. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly limits: SocketLimits;
}

/**
 * Opens one connection to a OneBot server. `done` is called once, never before this returns, and synchronously with the
 * opening, so that a listener attached in it misses no frame. The returned function gives the dial up: `done` is then not
 * called any more.
 *
 * An open socket says nothing about the token: NapCat answers a wrong one with 101, one reply frame of retcode 1403, and a
 * close without code.
 */
export function dial(options: DialOptions, done: (result: Dialled) => void): () => void {
  const { clock, limits } = options;
  let ws: WebSocket;
  try {
    ws = new WebSocket(options.url, {
      headers: options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` },
      maxPayload: limits.maxFrameBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
  } catch (error) {
    // Neither the address nor the token may be repeated here: either may hold a secret.
    const detail = hasCode(error, 'ERR_INVALID_CHAR')
      ? 'the token holds characters that an HTTP header cannot carry'
      : 'the address is no ws:// or wss:// URL';
    return clock.after(0, () => done({ kind: 'failed', failure: 'settings', detail }));
  }

  const finish = (result: Dialled): void => {
    cancelTimeout();
    ws.removeListener('upgrade', onUpgrade);
    ws.removeListener('error', onError);
    ws.removeListener('unexpected-response', onResponse);
    if (result.kind === 'failed') abandon(ws);
    done(result);
  };
  const fail = (failure: DialFailure, detail: string): void => finish({ kind: 'failed', failure, detail });
  const onUpgrade = ({ socket }: IncomingMessage): void => {
    ws.once('open', () => finish({ kind: 'open', socket: new FrameSocket(ws, socket, { clock, limits }) }));
  };
  const onError = (error: Error): void => fail(...failureOf(error));
  const onResponse = (_request: ClientRequest, response: IncomingMessage): void => {
    const status = response.statusCode ?? 0;
    response.resume();
    fail(status === 401 || status === 403 ? 'http_auth' : 'http_status', `HTTP status ${status}`);
  };
  const cancelTimeout = clock.after(limits.dialTimeoutMs, () =>
    fail('timeout', `no answer within ${limits.dialTimeoutMs} ms`),
  );
  ws.on('upgrade', onUpgrade);
  ws.on('error', onError);
  ws.on('unexpected-response', onResponse);
  return () => {
    cancelTimeout();
    ws.removeAllListeners();
    abandon(ws);
  };
}

/** Ends a dial that nobody waits for; ws reports the abort as one more error, which is expected. */
function abandon(ws: WebSocket): void {
  ws.on('error', () => {});
  ws.terminate();
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

const CODES: Readonly<Record<string, DialFailure>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_unknown',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EPROTO: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
};

function failureOf(error: Error & { code?: unknown }): [DialFailure, string] {
  const code = typeof error.code === 'string' ? error.code : '';
  const known = CODES[code] ?? (/^(?:CERT_|ERR_TLS_|ERR_SSL_)/.test(code) ? 'tls' : undefined);
  if (known !== undefined) return [known, code];
  // ws and Node report a connection that ends during the handshake without a code.
  if (error.message === 'socket hang up') return ['reset', 'the connection ended during the handshake'];
  return ['other', code === '' ? error.name : code];
}

/** What a person should do about it. */
export function adviseOnDial(failure: DialFailure): string {
  switch (failure) {
    case 'connection_refused':
      return 'nothing listens there: start NapCat, or enable its WebSocket server and compare the port';
    case 'name_unknown':
      return 'the host name is unknown: correct `url`, or repair the name service';
    case 'unreachable':
      return 'the host cannot be reached: check network and firewall';
    case 'reset':
      return 'the connection was dropped during the handshake: check that a OneBot WebSocket server listens there';
    case 'timeout':
      return 'the server does not answer the handshake: NapCat may be stalled, or the port belongs to something else';
    case 'tls':
      return 'the certificate is not accepted: install a valid one, or use ws:// inside a trusted network';
    case 'http_auth':
      return 'the server or a proxy before it refuses our token';
    case 'http_status':
      return 'the server does not accept WebSockets there: check the path of `url`';
    case 'settings':
      return 'correct `url` and `token` of the account';
    case 'other':
      return 'check that NapCat runs there';
    default:
      return assertNever(failure);
  }
}
