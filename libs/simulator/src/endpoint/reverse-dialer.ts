import { WebSocket } from 'ws';
import type { Clock } from '@rookery/protocol';
import { MAX_FRAME_BYTES, type Channel } from './connection';
import type { Endpoint } from './endpoint';

/** NapCat gives up an upgrade that is not answered in this time. */
const HANDSHAKE_TIMEOUT_MS = 2000;

export interface ReverseOptions {
  readonly url: string;
  /** Fixed wait after any close or failure, without back-off; NapCat's default is 5000. Milliseconds. */
  readonly reconnectMs: number;
}

/** One `websocketClients` entry of a NapCat: dials until it is closed. */
export class ReverseDialer {
  private readonly channel: Channel = { current: undefined };
  private readonly sockets = new Set<WebSocket>();
  private cancelRetry: (() => void) | undefined;
  private closed = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: ReverseOptions,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens a socket. A second call while one is open copies NapCat's defect after a URL change: both stay open, events go to
   * the newer, and what is asked on the older is answered on the newer.
   */
  dial(): void {
    if (this.closed) return;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    if (this.endpoint.state !== 'running') return this.retryLater();
    const { endpoint } = this;
    const socket = new WebSocket(this.options.url, {
      headers: {
        'X-Self-ID': endpoint.self,
        Authorization: `Bearer ${endpoint.token}`,
        'x-client-role': 'Universal',
        'User-Agent': 'OneBot/11',
      },
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
    });
    this.sockets.add(socket);
    socket.on('open', () => {
      if (this.closed || endpoint.state === 'stopped') return socket.terminate();
      endpoint.whenRunning(() => {
        if (socket.readyState === WebSocket.OPEN) endpoint.attach(socket, true, this.channel);
      });
    });
    // Refused, timed out or reset: 'close' follows and schedules the one retry.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (this.sockets.size === 0) this.retryLater();
    });
  }

  close(): void {
    this.closed = true;
    this.cancelRetry?.();
    for (const socket of this.sockets) socket.terminate();
  }

  private retryLater(): void {
    if (this.closed || this.cancelRetry !== undefined) return;
    this.cancelRetry = this.clock.after(this.options.reconnectMs, () => {
      this.cancelRetry = undefined;
      this.dial();
    });
  }
}
