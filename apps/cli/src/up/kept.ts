import { EventEmitter } from 'node:events';
import { MINUTE, SECOND, toError, type Clock } from '@rookery/protocol';

/** A process that is up. */
export interface Running {
  /** Resolves with how it ended, whoever ended it. */
  readonly gone: Promise<string>;
  /** Asks it to end and waits for that. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

export interface KeptOptions<R extends Running> {
  readonly clock: Clock;
  start(signal: AbortSignal): Promise<R>;
}

export interface KeptEvents<R extends Running> {
  /** It ended without having been asked, or could not be started again; tried again after `delayMs`. */
  lost: [cause: string, delayMs: number];
  restarted: [running: R];
}

const FIRST_DELAY_MS = SECOND;
const MAX_DELAY_MS = 30 * SECOND;
/** What ran this long has recovered: the next end is a new story. */
const STEADY_MS = MINUTE;

/**
 * A process that is started again when it ends.
 * - new       nothing runs; `start` leads to up or rejects. A first start that fails is the caller's to judge, not repeated.
 * - up        it runs; its end leads to waiting.
 * - waiting   for 1 s, doubled at each failure up to 30 s; then started again, which leads to up or back to waiting.
 * - stopped   for good: by `stop` or `kill`, from every state.
 */
export class Kept<R extends Running> extends EventEmitter<KeptEvents<R>> {
  readonly #aborted = new AbortController();
  #running: R | undefined;
  /** The one that we asked to end, so that its end is no loss. */
  #asked: R | undefined;
  /** A start or restart under way; never rejects. */
  #changing: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(private readonly options: KeptOptions<R>) {
    super();
  }

  /** The one that runs, if one does. */
  get current(): R | undefined {
    return this.#running;
  }

  async start(): Promise<R> {
    this.#aborted.signal.throwIfAborted();
    const starting = this.options.start(this.#aborted.signal);
    this.#changing = starting.catch(() => undefined);
    const running = await starting;
    this.#running = running;
    const since = this.options.clock.monotonic();
    void running.gone.then((cause) => {
      this.#running = undefined;
      if (this.#asked === running) return;
      if (this.options.clock.monotonic() - since >= STEADY_MS) this.#failures = 0;
      this.#retry(cause);
    });
    return running;
  }

  /** Ends it and starts it again, for example because its settings changed. Resolves with whether it is up then. */
  async restart(): Promise<boolean> {
    if (this.#running === undefined) return false; // its next start sees the new settings anyway
    const changing = this.#end().then(() => this.#again());
    this.#changing = changing;
    return await changing;
  }

  async stop(): Promise<void> {
    this.#aborted.abort();
    this.#cancelRetry();
    await this.#changing;
    await this.#end();
  }

  /** Ends it for good, at once: a `stop` under way waits no longer. */
  kill(): void {
    this.#aborted.abort();
    this.#running?.kill();
  }

  async #end(): Promise<void> {
    this.#asked = this.#running;
    await this.#running?.stop();
  }

  #retry(cause: string): void {
    if (this.#aborted.signal.aborted) return;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, MAX_DELAY_MS);
    this.#failures += 1;
    this.emit('lost', cause, delayMs);
    this.#cancelRetry = this.options.clock.after(delayMs, () => void this.#again());
  }

  async #again(): Promise<boolean> {
    let running: R;
    try {
      running = await this.start();
    } catch (thrown) {
      this.#retry(`could not be started: ${toError(thrown).message}`);
      return false;
    }
    this.emit('restarted', running);
    return true;
  }
}
