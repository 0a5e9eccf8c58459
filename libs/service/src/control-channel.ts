import { ClientRedis, ServerRedis } from '@nestjs/microservices';
import { RookeryError, SECOND, systemClock, toError, type Clock } from '@rookery/protocol';
import { publishingOptions, type Redis } from '@rookery/redis';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';

/**
 * Reconnect for as long as the process lives; Nest's default is to give up at once. A connection on which an answer is awaited for
 * five seconds is given up and made anew.
 */
const ENDURING = { retryAttempts: Number.MAX_SAFE_INTEGER, retryDelay: 500, socketTimeout: 5 * SECOND };
/** Whoever only listens awaits no answer: without a question of ours a half-open connection would stay deaf for ever. */
const PING_EVERY_MS = 3 * SECOND;
const UNSAID_MOST = 1_000;

type TransportOptions = ConstructorParameters<typeof ServerRedis>[0] & ConstructorParameters<typeof ClientRedis>[0];

/** Nest tries to read the name of a channel as JSON, whenever a message comes, and our names are none. */
class NamedChannels extends ServerRedis {
  protected override getRouteFromPattern(pattern: string): string {
    return pattern;
  }
}

/**
 * Messages between nodes, on Nest microservices' Redis transport: delivered to whoever listens now, and to nobody later.
 * Everything said here can also be found in a queue or a record, so a lost message costs time, never work.
 */
export class ControlChannel {
  readonly #server: ServerRedis;
  readonly #client: ClientRedis;
  #handlers = 0;
  #listening = false;
  /** Said while there was no connection, the newest ones. */
  readonly #unsaid: { readonly channel: string; readonly data: unknown }[] = [];
  readonly #onReturn: (() => void)[] = [];
  /** The connection that messages go over. */
  #said: Redis | undefined;
  #cancelPing: () => void = () => undefined;

  constructor(
    redisUrl: string,
    private readonly onTrouble: (error: Error) => void,
    private readonly clock: Clock = systemClock,
  ) {
    // Nest passes on what it does not know: all of this is for ioredis.
    const options = { ...publishingOptions(redisUrl), ...ENDURING } as TransportOptions;
    this.#server = new NamedChannels(options);
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

  /** Called whenever the subscriptions are in force again after an interruption: what was said meanwhile was not heard. */
  onReturn(call: () => void): void {
    this.#onReturn.push(call);
  }

  /** Resolves when the subscriptions are in force. A process that only asks and tells subscribes to nothing. */
  async start(): Promise<void> {
    if (this.#handlers > 0) {
      await new Promise<void>((resolve, reject) => {
        void this.#server.listen((error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
      });
      this.#listening = true;
      const [, heard] = this.#server.unwrap<[Redis, Redis]>();
      heard.on('ready', () => void this.#returned(heard));
    }
    await this.#client.connect();
    const [said] = this.#client.unwrap<[Redis, Redis]>();
    this.#said = said;
    said.on('ready', () => this.#sayUnsaid());
    this.#pingLater();
  }

  /** What cannot be said now is said when the connection is back: the last 1,000 messages. In Nest's form, without its stream for each. */
  emit(channel: string, data: unknown): void {
    const keep = (thrown: unknown): void => {
      this.onTrouble(toError(thrown));
      if (this.#unsaid.length === UNSAID_MOST) this.#unsaid.shift();
      this.#unsaid.push({ channel, data });
    };
    if (this.#said?.status === 'ready') {
      this.#said.publish(channel, JSON.stringify({ pattern: channel, data })).catch(keep);
    } else this.#client.emit(channel, data).subscribe({ error: keep });
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
    this.#cancelPing();
    await this.#client.close();
    if (this.#listening) await this.#server.close();
  }

  #sayUnsaid(): void {
    for (const { channel, data } of this.#unsaid.splice(0)) this.emit(channel, data);
  }

  /** The answer to a question that was asked after the subscriptions comes after they are in force. */
  async #returned(heard: Redis): Promise<void> {
    try {
      await heard.ping();
    } catch (thrown) {
      this.onTrouble(toError(thrown));
      return;
    }
    for (const call of this.#onReturn) call();
  }

  #pingLater(): void {
    this.#cancelPing = this.clock.after(PING_EVERY_MS, () => {
      const listening = this.#listening ? this.#server.unwrap<Redis[]>() : [];
      for (const client of [...this.#client.unwrap<Redis[]>(), ...listening]) {
        if (client.status === 'ready') client.ping().catch((thrown: unknown) => this.onTrouble(toError(thrown)));
      }
      this.#pingLater();
    });
  }
}
