import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Clock } from '@rookery/protocol';
import { WebSocket, type RawData } from 'ws';
import { printable } from '../printable';
import type { SocketLimits } from './limits';

export interface FrameSocketEventMap {
  /** One whole frame. Text frames come as checked UTF-8. */
  message: [data: Buffer, isBinary: boolean];
  /** `mark`: that of the ping which is answered. */
  pong: [mark: string];
  /**
   * Exactly once, and the last event. `code`: what the peer gave, 1005 when its close frame had none, 1006 without close
   * frame. `fault`: the code of the error that ended the connection, such as `ECONNRESET` or `WS_ERR_INVALID_UTF8`.
   */
  closed: [code: number, reason: string, fault: string | undefined];
}

const REASON_MAX = 123;

/**
 * An open WebSocket, dialled or accepted; both look alike from here on. It never throws and never emits `error`. Whoever
 * gets one must attach its listeners before it returns to the event loop: NapCat's first frame follows the handshake at
 * once. What one turn of the event loop writes, such as answers that were found together, leaves in one system call.
 */
export class FrameSocket extends EventEmitter<FrameSocketEventMap> {
  /** Resolved when the connection is gone, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #ws: WebSocket;
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #limits: SocketLimits;
  #resolveEnded: () => void = () => {};
  #cancelCut: (() => void) | undefined;
  #fault: string | undefined;
  #isCorked = false;

  /** `stream`: what `ws` reads from and writes to. */
  constructor(ws: WebSocket, stream: Duplex, options: { clock: Clock; limits: SocketLimits }) {
    super();
    this.#ws = ws;
    this.#stream = stream;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    ws.on('message', (data, isBinary) => this.emit('message', toBuffer(data), isBinary));
    ws.on('pong', (mark) => this.emit('pong', mark.toString('latin1')));
    ws.on('error', (error: Error & { code?: unknown }) => {
      this.#fault ??= typeof error.code === 'string' ? error.code : error.name;
    });
    ws.on('close', (code, reason) => this.#end(code, reason));
  }

  /** Bytes handed over and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  /**
   * `written`: it is in the hands of the operating system or in our bounded buffer, so it may arrive. `refused`: nothing of it was
   * or will be written, because the socket is closing or the peer reads too slowly.
   */
  send(text: string): 'written' | 'refused' {
    if (this.#ws.readyState !== WebSocket.OPEN) return 'refused';
    // A single frame may be larger than the bound: only what already waits counts.
    if (this.#ws.bufferedAmount >= this.#limits.maxBufferedBytes) return 'refused';
    this.#gatherWrites();
    // A failure arrives as `error` and `close`; the callback only keeps ws from raising it a second time.
    this.#ws.send(text, () => {});
    return 'written';
  }

  /** `mark`: at most 125 ASCII characters, which come back with the pong. */
  ping(mark = ''): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#gatherWrites();
    this.#ws.ping(mark, undefined, () => {});
  }

  /** Stops reading, so that TCP holds the peer back. What was already received may still be emitted. Pongs wait too. */
  pause(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.pause();
  }

  resume(): void {
    if (this.#ws.readyState !== WebSocket.CLOSED) this.#ws.resume();
  }

  /** Ends the connection with a closing handshake, which is cut off after `closeTimeoutMs`. Repeated calls change nothing. */
  close(code: number, reason: string): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#cancelCut = this.#clock.after(this.#limits.closeTimeoutMs, () => this.#ws.terminate());
    this.#ws.close(code, cut(reason));
    // The peer's close frame has to be read even while reading is paused.
    this.#ws.resume();
  }

  /** Cuts the connection without a handshake: for peers that no longer answer. */
  terminate(): void {
    this.#ws.terminate();
  }

  /** A stream that ends or is destroyed meanwhile takes no harm. */
  #gatherWrites(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#stream.uncork();
    });
  }

  #end(code: number, reason: Buffer): void {
    this.#cancelCut?.();
    this.#ws.removeAllListeners();
    // ws may still report an error of the dying socket; without a listener it would end the process.
    this.#ws.on('error', () => {});
    this.emit('closed', code, printable(reason.toString('utf8'), REASON_MAX), this.#fault);
    this.removeAllListeners();
    this.#resolveEnded();
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** A close frame carries at most 123 bytes of reason; ws throws on more. */
function cut(reason: string): string {
  const bytes = Buffer.from(reason, 'utf8');
  if (bytes.length <= REASON_MAX) return reason;
  return bytes.toString('utf8', 0, REASON_MAX).replace(/\ufffd+$/u, '');
}
