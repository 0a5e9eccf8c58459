import { ClientRedis, ServerRedis } from '@nestjs/microservices';
import { redisAddress } from '@rookery/redis';

/** Reconnect for as long as the process lives; Nest's default is to give up at once. */
const RETRY = { retryAttempts: Number.MAX_SAFE_INTEGER, retryDelay: 500 };

/**
 * Messages between nodes, on Nest microservices' Redis transport: fire and forget, delivered to whoever listens now. Everything
 * said here can also be found in a queue or a record, so a lost message costs time, never work.
 */
export class ControlChannel {
  readonly #server: ServerRedis;
  readonly #client: ClientRedis;
  #listening = false;

  constructor(
    redisUrl: string,
    private readonly onTrouble: (error: Error) => void,
  ) {
    const options = { ...redisAddress(redisUrl), ...RETRY };
    this.#server = new ServerRedis(options);
    this.#client = new ClientRedis(options);
  }

  /** Subscribes; only before {@link start}. A handler that throws is reported as trouble and does not end the channel. */
  on(channel: string, handle: (data: unknown) => void): void {
    this.#server.addHandler(
      channel,
      async (data: unknown) => {
        try {
          handle(data);
        } catch (error) {
          this.onTrouble(error instanceof Error ? error : new Error(String(error)));
        }
      },
      true,
    );
  }

  /** Resolves when the subscriptions are in force. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      void this.#server.listen((error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
    });
    this.#listening = true;
    await this.#client.connect();
  }

  emit(channel: string, data: unknown): void {
    this.#client.emit(channel, data).subscribe({ error: this.onTrouble });
  }

  async close(): Promise<void> {
    await this.#client.close();
    if (this.#listening) await this.#server.close();
  }
}
