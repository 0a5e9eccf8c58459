import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from './eventually';

export interface ScriptedRequest {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly echo: unknown;
}

/** NapCat's end of one connection. It does nothing by itself, except answering pings; a test says every frame. */
export class ScriptedPeer {
  readonly requests: ScriptedRequest[] = [];
  /** Code and reason of the close frame that came, once the connection is gone. */
  closed: readonly [code: number, reason: string] | undefined;

  constructor(
    readonly ws: WebSocket,
    readonly self: string,
  ) {
    ws.on('message', (data: Buffer) => this.requests.push(JSON.parse(data.toString('utf8')) as ScriptedRequest));
    ws.on('close', (code, reason: Buffer) => (this.closed = [code, reason.toString('utf8')]));
    ws.on('error', () => {});
  }

  send(frame: string | Buffer | object): void {
    this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** An event with the fields that NapCat gives every event. */
  event(fields: object): void {
    this.send({ time: 1_767_225_600, self_id: Number(this.self), ...fields });
  }

  lifecycle(fields: object = {}): void {
    this.event({ post_type: 'meta_event', meta_event_type: 'lifecycle', sub_type: 'connect', ...fields });
  }

  heartbeat(online: boolean, interval = 30_000): void {
    this.event({ post_type: 'meta_event', meta_event_type: 'heartbeat', status: { online, good: true }, interval });
  }

  reply(request: ScriptedRequest, fields: object): void {
    const { echo } = request;
    this.send({
      status: 'ok',
      retcode: 0,
      data: null,
      message: '',
      wording: '',
      stream: 'normal-action',
      ...fields,
      echo,
    });
  }

  /** What NapCat does about a wrong token: one reply, and a close frame without code. */
  refuseToken(): void {
    const text = 'token验证失败';
    this.send({ status: 'failed', retcode: 1403, data: null, message: text, wording: text, echo: null });
    this.ws.close();
  }

  /** The n-th request for the action, as soon as it has come. */
  async request(action: string, n = 0): Promise<ScriptedRequest> {
    const found = () => this.requests.filter((request) => request.action === action)[n];
    await eventually(`request ${n} for ${action}`, () => found() !== undefined);
    return found() as ScriptedRequest;
  }
}

/** A WebSocket server on a free loopback port, for forward links. */
export class ScriptedNapcat {
  readonly peers: ScriptedPeer[] = [];
  /** `Authorization` header and path of each connection. */
  readonly dialled: { readonly authorization: string | undefined; readonly path: string | undefined }[] = [];
  /** Called with each new connection. */
  onPeer: (peer: ScriptedPeer) => void = () => {};

  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {}

  static async start(self: string, port = 0): Promise<ScriptedNapcat> {
    const server = new WebSocketServer({ host: '127.0.0.1', port });
    await once(server, 'listening');
    const napcat = new ScriptedNapcat(server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (ws, request) => {
      const peer = new ScriptedPeer(ws, self);
      napcat.dialled.push({ authorization: request.headers.authorization, path: request.url });
      napcat.peers.push(peer);
      napcat.onPeer(peer);
    });
    return napcat;
  }

  /** The n-th connection, as soon as it has come. */
  async peer(n: number): Promise<ScriptedPeer> {
    await eventually(`connection ${n}`, () => this.peers[n] !== undefined);
    return this.peers[n] as ScriptedPeer;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.ws.terminate();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** Dials in as NapCat does for a reverse link; rejects with the HTTP status when it is refused. */
export async function dialIn(url: string, self: string, token: string): Promise<ScriptedPeer> {
  const headers = {
    'X-Self-ID': self,
    Authorization: `Bearer ${token}`,
    'x-client-role': 'Universal',
    'User-Agent': 'OneBot/11',
  };
  const ws = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: 2000 });
  const peer = new ScriptedPeer(ws, self);
  await once(ws, 'open');
  return peer;
}
