import { WebSocket } from 'ws';

/** NapCat takes frames of up to 50 MiB; a larger one closes the socket with 1009. */
export const MAX_FRAME_BYTES = 50 * 1024 * 1024;

/**
 * What the sockets of one NapCat network entry share. A server entry has one per socket, so that replies go only to the
 * socket that asked. A client entry has one for all its sockets: replies and events go to the newest.
 */
export interface Channel {
  current: Connection | undefined;
}

/** One socket of an endpoint. */
export class Connection {
  constructor(
    /** Counts up over the whole host. */
    readonly id: number,
    readonly socket: WebSocket,
    /** False for `/api`: no lifecycle, no heartbeat, no events. */
    readonly events: boolean,
    readonly channel: Channel,
  ) {
    channel.current = this;
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** False for a socket that a newer one of the same client entry has displaced. */
  get takesEvents(): boolean {
    return this.events && this.open && this.channel.current === this;
  }

  /** What is sent to a closed socket is lost, as in NapCat. */
  send(data: string | Buffer): void {
    if (this.open) this.socket.send(data, { binary: typeof data !== 'string' });
  }
}
