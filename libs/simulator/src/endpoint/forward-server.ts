import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from './connection';
import type { Endpoint } from './endpoint';
import { failedReply } from './reply-frame';

/** Which endpoint a request path means, and the rest of the path as NapCat's own server would see it. */
export type Route = (pathname: string) => { readonly endpoint: Endpoint; readonly rest: string } | undefined;

/** NapCat's forward WebSocket server: takes every upgrade and judges the token afterwards. */
export class ForwardServer {
  private readonly server: Server;
  private readonly sockets: WebSocketServer;
  private readonly raw = new Set<Socket>();
  private released = false;

  constructor(private readonly route: Route) {
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
    this.server = createServer((_request, response) => response.writeHead(426).end());
    this.server.on('connection', (socket) => {
      this.raw.add(socket);
      if (this.released) socket.unref();
      socket.on('close', () => this.raw.delete(socket));
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Port 0 takes any free one; the returned number is the real one. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** It and its connections do not keep this process alive from now on. */
  release(): void {
    this.released = true;
    this.server.unref();
    for (const socket of this.raw) socket.unref();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.sockets.close();
    for (const socket of this.raw) socket.destroy();
    await closed;
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'ws://napcat.invalid');
    const target = this.route(url.pathname);
    if (target === undefined || target.endpoint.state === 'stopped') {
      socket.destroy();
      return;
    }
    // A peer that hangs up while a frozen endpoint lets it wait must not end the process.
    socket.on('error', () => socket.destroy());
    const { endpoint, rest } = target;
    endpoint.whenRunning(() => {
      this.sockets.handleUpgrade(request, socket, head, (accepted) => {
        if (tokenOf(request, url) === endpoint.token || endpoint.token === '') {
          endpoint.attach(accepted, rest !== '/api' && rest !== '/api/');
        } else refuse(accepted);
      });
    });
  }
}

/** The query wins over the header even when only the header is right; the header works with and without "Bearer". */
function tokenOf(request: IncomingMessage, url: URL): string {
  const query = url.searchParams.get('access_token');
  if (query !== null && query !== '') return query;
  return (request.headers.authorization ?? '').replace(/^Bearer ?/i, '');
}

/** NapCat: the upgrade has succeeded by now; one frame tells why, then a close without a code. */
function refuse(socket: WebSocket): void {
  socket.on('error', () => socket.terminate());
  socket.send(JSON.stringify(failedReply(1403, 'token验证失败', null)));
  socket.close();
}
