import { EventEmitter } from 'node:events';
import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SECOND, toError, type Clock, type SelfId } from '@rookery/protocol';
import { WebSocketServer } from 'ws';
import { AttemptLimit } from './attempt-limit';
import { bind, isSibling, SERVED_BY } from './bind';
import { FrameSocket } from './frame-socket';
import { HANDSHAKE_LIMITS, Handshakes, type HandshakeLimits } from './handshakes';
import type { SocketLimits } from './limits';
import { bearerToken, type TokenBook } from './token-book';

/** Why a connection did not become a link. A closed set, fit for a metric label. */
export type Refusal =
  | 'token'
  | 'account'
  | 'attempts'
  | 'origin'
  | 'path'
  | 'no_upgrade'
  | 'http'
  | 'handshake_timeout'
  | 'handshakes_full'
  | 'accept';

export interface SocketServerEventMap {
  /** Emitted once the upgrade is answered. Nothing is read before: listeners attached here miss no frame. */
  accepted: [socket: FrameSocket, self: SelfId, address: string];
  /** `self`: the account that the caller named, when it is one of ours. */
  refused: [refusal: Refusal, address: string, self: SelfId | undefined];
  /**
   * `listening` from now on. `shared`: another connector of this machine has the address, and it is waited for. `busy`: while it was
   * waited for, another program has taken it; the waiting goes on.
   */
  address: [state: 'listening' | 'shared' | 'busy', detail: string];
}

export interface SocketServerOptions {
  readonly host: string;
  /** 0 takes any free port, see {@link SocketServer.port}. */
  readonly port: number;
  /** Path of the endpoint; a trailing slash makes no difference. */
  readonly path: string;
  readonly tokens: TokenBook;
  readonly clock: Clock;
  readonly limits: SocketLimits;
  readonly handshakes?: HandshakeLimits;
}

/** Failed attempts per minute, for each pair of address and account. */
const FAILURES_PER_MINUTE = 5;

/**
 * After a restart thousands of NapCats dial in at once and give each handshake 2 s: answering all of them goes before whatever
 * follows from any of them, but at most for so long, since a peer that never ends its handshake must not hold up the others.
 */
const HANDSHAKES_FIRST_MS = 500;
/** An address that another connector has is tried again so often. NapCat dials every 5 s. */
const BIND_AGAIN_MS = 2 * SECOND;
/** Connections that are handed on in one turn of the event loop. */
const HANDED_ON_PER_TURN = 20;

/** An accepted connection that nobody has been given yet; its socket is paused. */
interface Arrival {
  readonly socket: FrameSocket;
  readonly self: SelfId;
  readonly address: string;
}

/**
 * Accepts OneBot clients that dial in ("reverse WebSocket"). Whether a client may come in is decided synchronously and before
 * the upgrade: NapCat gives the handshake 2 s, and nothing that an unknown peer sends after it may be handled.
 *
 * The limit of failed attempts counts per address and account, since many accounts share one host, and one with a wrong
 * token must not keep its neighbours out.
 */
export class SocketServer extends EventEmitter<SocketServerEventMap> {
  readonly #options: SocketServerOptions;
  readonly #path: string;
  readonly #http: Server;
  readonly #ws: WebSocketServer;
  readonly #handshakes: Handshakes;
  readonly #attempts: AttemptLimit;
  readonly #arrivals = new Set<Arrival>();
  #cancelPatience: (() => void) | undefined;
  #cancelBind: (() => void) | undefined;
  #closed = false;

  constructor(options: SocketServerOptions) {
    super();
    this.#options = options;
    this.#path = withoutSlash(options.path);
    this.#attempts = new AttemptLimit(options.clock, FAILURES_PER_MINUTE);
    this.#handshakes = new Handshakes(options.clock, options.handshakes ?? HANDSHAKE_LIMITS, (reason, address) =>
      this.emit('refused', reason, address, undefined),
    );
    this.#ws = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.maxFrameBytes,
    });
    this.#http = createServer((request, response) => {
      const wrongPath = !this.#isOurPath(request);
      const refusal = wrongPath ? 'path' : 'no_upgrade';
      if (!isSibling(request)) this.emit('refused', refusal, addressOf(request.socket), undefined);
      const headers = { ...SERVED_BY, Connection: 'close', 'Content-Type': 'text/plain' };
      response.writeHead(wrongPath ? 404 : 426, headers);
      response.end(wrongPath ? 'nothing here\n' : 'this is a WebSocket endpoint\n');
    });
    this.#http.on('connection', (socket) => this.#handshakes.enter(socket, addressOf(socket)));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
      this.#refuseRequest(socket, tooLarge ? 431 : 400, tooLarge ? 'the header is too large' : 'not HTTP');
    });
    this.#ws.on('wsClientError', (_error, socket) => this.#refuseRequest(socket, 400, 'not a WebSocket handshake'));
  }

  /** The port that is listened on; undefined before {@link listen} and after {@link close}. */
  get port(): number | undefined {
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  /**
   * Resolves when it listens, or when it waits for the address because another connector of this machine listens there: NapCats
   * know one address, and whoever has it serves them. Rejects with PORT_BUSY or CONFIG_INVALID, naming the setting.
   */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    const bound = await bind(this.#http, host, port);
    if (this.#closed) {
      this.#http.close();
      return;
    }
    this.emit('address', bound, `${host}:${this.port ?? port}`);
    if (bound === 'shared') this.#waitForAddress();
    // Later errors are of single accepts (too many open files); the server goes on.
    else this.#http.on('error', () => this.emit('refused', 'accept', 'unknown', undefined));
  }

  #waitForAddress(): void {
    this.#cancelBind = this.#options.clock.after(BIND_AGAIN_MS, () => {
      this.listen().catch((thrown: unknown) => {
        this.emit('address', 'busy', toError(thrown).message);
        this.#waitForAddress();
      });
    });
  }

  /**
   * Stops listening and ends connections that were not accepted yet, both at once. Resolves when the accepted sockets, which
   * belong to whoever got them, are gone too.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelBind?.();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#handshakes.closeAll();
    this.#cancelPatience?.();
    for (const { socket } of this.#arrivals) socket.close(1001, 'Rookery is stopping');
    this.#arrivals.clear();
    await closed;
  }

  #isOurPath(request: IncomingMessage): boolean {
    return withoutSlash((request.url ?? '').split('?', 1)[0] ?? '') === this.#path;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onError = (): unknown => socket.destroy();
    socket.on('error', onError);
    const address = addressOf(socket);
    const named = request.headers['x-self-id'];
    const self = typeof named === 'string' ? this.#options.tokens.find(named) : undefined;
    const refuse = (status: number, refusal: Refusal, text: string): void => {
      this.emit('refused', refusal, address, self);
      answer(socket, status, text);
    };
    if (!this.#isOurPath(request)) return refuse(404, 'path', 'nothing here');
    // Browsers send Origin and OneBot implementations do not: a page that a person visits must not reach a local port.
    if (request.headers.origin !== undefined) return refuse(403, 'origin', 'not for browsers');
    const subject = self === undefined ? address : `${address} ${self}`;
    if (this.#attempts.isExhausted(subject)) return refuse(429, 'attempts', 'too many failed attempts, wait a minute');
    const name = typeof named === 'string' ? named : '';
    const verdict = this.#options.tokens.check(name, bearerToken(request.headers.authorization));
    if (verdict === 'accepted' && self !== undefined) {
      this.#ws.handleUpgrade(request, socket, head, (ws) => {
        socket.removeListener('error', onError);
        this.#handshakes.leave(socket as Socket);
        const { clock, limits } = this.#options;
        this.#arrived({ socket: new FrameSocket(ws, socket, { clock, limits }), self, address });
      });
      return;
    }
    this.#attempts.failed(subject);
    if (verdict === 'token') refuse(401, 'token', 'token missing or wrong; only the Authorization header is read');
    else refuse(403, 'account', 'the token does not belong to the account that X-Self-ID names');
  }

  #arrived(arrival: Arrival): void {
    arrival.socket.pause();
    this.#arrivals.add(arrival);
    arrival.socket.once('closed', () => this.#arrivals.delete(arrival));
    this.#cancelPatience ??= this.#options.clock.after(HANDSHAKES_FIRST_MS, () => this.#handOn());
    if (this.#handshakes.size === 0) setImmediate(() => this.#handOn());
  }

  #handOn(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
    let left = HANDED_ON_PER_TURN;
    for (const arrival of this.#arrivals) {
      if (left-- === 0) {
        setImmediate(() => this.#handOn());
        return;
      }
      this.#arrivals.delete(arrival);
      arrival.socket.removeAllListeners();
      arrival.socket.resume();
      this.emit('accepted', arrival.socket, arrival.self, arrival.address);
    }
  }

  #refuseRequest(socket: Duplex, status: number, text: string): void {
    this.emit('refused', 'http', addressOf(socket), undefined);
    socket.on('error', () => socket.destroy());
    answer(socket, status, text);
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function addressOf(socket: Duplex): string {
  return ('remoteAddress' in socket && typeof socket.remoteAddress === 'string' && socket.remoteAddress) || 'unknown';
}

/** Refuses an upgrade. The deadline of the handshake stays in force until the peer has taken the answer. */
function answer(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  if (status === 401) lines.push('WWW-Authenticate: Bearer');
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
