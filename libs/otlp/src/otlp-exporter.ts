import { MINUTE, SECOND, toError, type Clock } from '@rookery/protocol';
import { otlpJson, type SpanSource } from './otlp-json';
import type { Span } from './span';

export interface OtlpExporterOptions {
  /** Base address of the receiver, as OTEL_EXPORTER_OTLP_ENDPOINT has it: `/v1/traces` is added. */
  readonly url: string;
  readonly headers: Readonly<Record<string, { reveal(): string }>>;
  readonly source: SpanSource;
  readonly clock: Clock;
  /** `dropped`: the receiver was away for too long, or will never take them. */
  readonly onEnded: (result: 'exported' | 'dropped', spans: number) => void;
  readonly onTrouble: (error: Error) => void;
}

const KEPT = 4_096;
const BATCH = 512;
const EVERY_MS = 2 * SECOND;
const PAUSE_MAX_MS = MINUTE;
const TIMEOUT_MS = 10 * SECOND;
/** The last ones, when the process ends. */
const LAST_MS = 2 * SECOND;
/** What may go better later; everything else that is refused would be refused again. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Sends spans to an OpenTelemetry receiver over HTTP, in batches and one request at a time.
 *
 * waiting   spans are gathered, at most 4,096; what comes on top of that is dropped and counted. Left by a timer
 * sending   one batch is under way. Left with its answer: taken or refused for good (→ waiting), or not now (→ waiting, for twice as
 *           long as the last time up to a minute, with the batch kept)
 *
 * Nothing waits for it, and a receiver that is away costs memory for 4,096 spans and a request a minute.
 */
export class OtlpExporter {
  readonly #waiting: Span[] = [];
  #cancel: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #pauseMs = EVERY_MS;
  #closed = false;

  constructor(private readonly options: OtlpExporterOptions) {}

  take(spans: readonly Span[]): void {
    const room = Math.max(0, KEPT - this.#waiting.length);
    this.#waiting.push(...spans.slice(0, room));
    if (spans.length > room) this.options.onEnded('dropped', spans.length - room);
    if (this.#waiting.length > 0 && this.#sending === undefined) this.#later();
  }

  /** Sends what waits, once and not for long; what is not taken then is dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sending;
    if (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0), LAST_MS);
    if (this.#waiting.length > 0) this.options.onEnded('dropped', this.#waiting.splice(0).length);
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel ??= this.options.clock.after(this.#pauseMs, () => {
      this.#cancel = undefined;
      this.#sending = this.#send(this.#waiting.splice(0, BATCH), TIMEOUT_MS).finally(() => {
        this.#sending = undefined;
        if (this.#waiting.length > 0) this.#later();
      });
    });
  }

  async #send(batch: readonly Span[], timeoutMs: number): Promise<void> {
    const { onEnded, onTrouble } = this.options;
    try {
      const status = await this.#post(batch, timeoutMs);
      const isTaken = status >= 200 && status < 300;
      if (!isTaken) onTrouble(new Error(`the OpenTelemetry receiver answered with status ${status}`));
      if (PASSING.has(status)) return this.#keep(batch);
      this.#pauseMs = EVERY_MS;
      onEnded(isTaken ? 'exported' : 'dropped', batch.length);
    } catch (thrown) {
      onTrouble(toError(thrown));
      this.#keep(batch);
    }
  }

  #keep(batch: readonly Span[]): void {
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS);
    const room = Math.max(0, KEPT - this.#waiting.length);
    this.#waiting.unshift(...batch.slice(0, room));
    if (batch.length > room) this.options.onEnded('dropped', batch.length - room);
  }

  async #post(batch: readonly Span[], timeoutMs: number): Promise<number> {
    const { url, headers, source } = this.options;
    const response = await fetch(`${url.replace(/\/+$/, '')}/v1/traces`, {
      method: 'POST',
      headers: {
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
        'content-type': 'application/json',
      },
      body: otlpJson(source, batch),
      // Secrets in headers must not follow to wherever the answer points.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  }
}
