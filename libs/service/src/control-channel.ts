import { ClientRedis, ServerRedis } from '@nestjs/microservices';
import { RookeryError, toError } from '@rookery/protocol';
import { redisAddress } from '@rookery/redis';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';

/** Reconnect for as long as the process lives; Nest's default is to give up at once. */
const RETRY = { retryAttempts: Number.MAX_SAFE_INTEGER, retryDelay: 500 };

/**
 * Messages between nodes, on Nest microservices' Redis transport: delivered to whoever listens now, and to nobody later.
 * Everything said here can also be found in a queue or a record, so a lost message costs time, never work.
 */
export class ControlChannel {
  readonly #server: ServerRedis;
  readonly #client: ClientRedis;
  #handlers = 0;
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
    this.#handlers += 1;
    this.#server.addHandler(
      channel,
      async (data: unknown) => {
        try {
          handle(data);
        } catch (error) {
          this.onTrouble(toError(error));
        }
      },
      true,
    );
  }

  /** Answers what is asked on a channel; only before {@link start}. `handle` must not reject. */
  answer(channel: string, handle: (data: unknown) => Promise<unknown>): void {
    this.#handlers += 1;
    this.#server.addHandler(channel, handle, false);
  }

  /** Resolves when the subscriptions are in force. A process that only asks and tells subscribes to nothing. */
  async start(): Promise<void> {
    if (this.#handlers > 0) {
      await new Promise<void>((resolve, reject) => {
        void this.#server.listen((error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
      });
      this.#listening = true;
    }
    await this.#client.connect();
  }

  emit(channel: string, data: unknown): void {
    this.#client.emit(channel, data).subscribe({ error: this.onTrouble });
  }

  /** The first answer on a channel; rejects with NODE_SILENT after the deadline. The request may have been carried out all the same. */
  async ask(channel: string, data: unknown, deadlineMs: number): Promise<unknown> {
    try {
      return await firstValueFrom(
        this.#client.send<unknown, unknown>(channel, data).pipe(timeout({ first: deadlineMs })),
      );
    } catch (thrown) {
      if (!(thrown instanceof TimeoutError)) throw thrown;
      throw new RookeryError('NODE_SILENT', `no answer on ${channel} within ${deadlineMs / 1000} s`, { cause: thrown });
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
    if (this.#listening) await this.#server.close();
  }
}
