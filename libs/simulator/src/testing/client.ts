import { WebSocket, type ClientOptions } from 'ws';

export type Json = Record<string, unknown>;

/** A bare OneBot client for the specs of this folder: remembers every frame and lets a test wait for one. */
export class Client {
  readonly frames: Json[] = [];
  readonly raw: (string | Buffer)[] = [];
  closed: { code: number; reason: string } | undefined;
  pongs = 0;
  private echo = 0;
  private readonly wakers = new Set<() => void>();

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      this.raw.push(isBinary ? bytes : bytes.toString());
      try {
        this.frames.push(JSON.parse(bytes.toString()) as Json);
      } catch {
        this.frames.push({ unparsed: bytes.toString() });
      }
      this.wake();
    });
    socket.on('pong', () => {
      this.pongs += 1;
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    socket.on('open', () => this.wake());
    socket.on('error', () => this.wake());
  }

  static async dial(url: string, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(new WebSocket(url, options));
    await client.until('the socket to open or fail', () => client.socket.readyState !== WebSocket.CONNECTING);
    return client;
  }

  send(request: unknown): void {
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  }

  async call(action: string, params: Json = {}): Promise<Json> {
    const echo = `call-${++this.echo}`;
    this.send({ action, params, echo });
    return this.reply(echo);
  }

  reply(echo: unknown): Promise<Json> {
    return this.frame(`the reply to ${JSON.stringify(echo)}`, (frame) => frame['echo'] === echo);
  }

  event(postType: string): Promise<Json> {
    return this.frame(`an event ${postType}`, (frame) => frame['post_type'] === postType);
  }

  async frame(what: string, wanted: (frame: Json) => boolean): Promise<Json> {
    await this.until(what, () => this.frames.some(wanted));
    return this.frames.find(wanted) as Json;
  }

  /** Everything the endpoint had sent before this call has arrived when it returns. */
  async settled(): Promise<void> {
    await this.call('get_status');
  }

  until(what: string, condition: () => boolean, deadlineMs = 5000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => done(() => reject(new Error(`waited ${deadlineMs} ms for ${what}`))),
        deadlineMs,
      );
      const check = () => {
        if (condition()) done(resolve);
      };
      const done = (end: () => void) => {
        clearTimeout(deadline);
        this.wakers.delete(check);
        end();
      };
      this.wakers.add(check);
    });
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
  }
}
