import {
  MessageHandlerContext,
  type Backing,
  type Locale,
  type Log,
  type Metrics,
  type Outbox,
} from '@rookery/plugin-kit';
import { RookeryError, SECOND, toError, type Clock, type MessageEvent } from '@rookery/protocol';
import type { Answer, Route } from './route';

export interface AnswersOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly locale: Locale;
}

const DEADLINE_MS = 30 * SECOND;
/** The same person is told no oftener, in one conversation, that something is not for them. */
const AGAIN_MS = 60 * SECOND;
const REMEMBERED = 10_000;
/** No code of a plugin runs here: there is nothing to store, to ask or to count. */
const unused = (): Promise<never> =>
  Promise.reject(new RookeryError('INTERNAL', 'an answer in place of a handler asks for nothing'));
const NOTHING: Backing = {
  storage: unused,
  sender: unused,
  broadcast: unused,
  settings: unused,
  fleet: unused,
  usable: unused,
  superusers: unused,
  suspend: unused,
};
const SILENT: Metrics = { count: () => undefined, observe: () => undefined };

/** What the worker itself says to people whose commands cannot be run; as the plugin's own reply would be, it is quoted, paced and once. */
export class Answers {
  /** Who was told what, by when it was; in that order. */
  readonly #told = new Map<string, number>();

  constructor(private readonly options: AnswersOptions) {}

  /** Resolves with the failure, or undefined when it is stored. Usage is always told; refusals and suggestions now and then. */
  async give(
    event: MessageEvent,
    { plugin, handler }: Route,
    { kind, text }: Answer,
  ): Promise<RookeryError | undefined> {
    if (kind !== 'usage' && this.#wasTold(`${kind}|${event.conversation}|${event.sender.userId}`)) return undefined;
    const { outbox, clock, log, locale } = this.options;
    const deadline = new AbortController();
    const cancel = clock.after(DEADLINE_MS, () => deadline.abort());
    const scope = { plugin, handler, signal: deadline.signal, deadline: clock.now() + DEADLINE_MS };
    const services = { outbox, backing: NOTHING, metrics: SILENT, clock, log, locale, seed: '', commands: [] };
    const context = new MessageHandlerContext(event, [], scope, services);
    try {
      await context.post([...context.quotation, text[locale]]);
      return undefined;
    } catch (thrown) {
      const reason = `an answer to event ${event.id} was not stored: ${toError(thrown).message}`;
      return new RookeryError('HANDLER_FAILED', reason, { cause: thrown });
    } finally {
      cancel();
      context.close();
    }
  }

  #wasTold(key: string): boolean {
    const now = this.options.clock.monotonic();
    for (const [oldest, at] of this.#told) {
      if (now - at < AGAIN_MS && this.#told.size <= REMEMBERED) break;
      this.#told.delete(oldest);
    }
    if (this.#told.has(key)) return true;
    this.#told.set(key, now);
    return false;
  }
}
