import { EventEmitter, setMaxListeners } from 'node:events';
import {
  catalogueOf,
  HandlerContext,
  MessageHandlerContext,
  type ContextServices,
  type Locale,
  type Log,
  type Outbox,
} from '@rookery/plugin-kit';
import { RookeryError, SECOND, type Clock, type Event, type EventId } from '@rookery/protocol';
import { handlerFailure } from './handler-failure';
import { isIgnorable, returnedMessage } from './returned-message';
import { RouteTable, type Match, type Route } from './route-table';
import type { Settled } from './settled';

export interface HandlerRun {
  readonly event: EventId;
  readonly plugin: string;
  readonly handler: string;
  readonly seconds: number;
  /** HANDLER_FAILED or HANDLER_TIMEOUT; absent when all went well. */
  readonly error?: RookeryError;
}

export interface DispatcherEvents {
  /** A handler has ended, or was given up at its deadline. */
  ran: [run: HandlerRun];
}

export interface DispatcherOptions {
  /** Instances of classes with `@BotPlugin`. */
  readonly plugins: readonly object[];
  /** What begins a command; "" means that none is needed. */
  readonly prefixes: readonly string[];
  /** Numbers of all accounts of the fleet. */
  readonly fleet: ReadonlySet<string>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly locale: Locale;
  /** For handlers that declare none, in milliseconds. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 30 * SECOND;

/** Finds the handlers that want an event and runs them, each under its deadline. */
export class Dispatcher extends EventEmitter<DispatcherEvents> {
  readonly #routes: RouteTable;
  readonly #services: ContextServices;

  /** Throws PLUGIN_INVALID when a plugin declares something impossible or claims what another has. */
  constructor(private readonly options: DispatcherOptions) {
    super();
    const { plugins, prefixes, fleet, outbox, clock, log, locale } = options;
    this.#routes = new RouteTable(plugins, prefixes, fleet);
    const commands = catalogueOf(this.#routes.manifests, prefixes[0] ?? '');
    this.#services = { outbox, clock, log, locale, commands };
  }

  /** Runs no plugin code. Empty for an event that nothing wants. */
  match(event: Event): readonly Match[] {
    return this.#routes.match(event);
  }

  /** One handler after the other; one that fails does not keep the event from the next. */
  async run(event: Event, matches: readonly Match[]): Promise<Settled> {
    let failure: RookeryError | undefined;
    for (const match of matches) {
      const error = await this.#runOne(event, match);
      failure ??= error;
    }
    return failure ? { result: 'failed', reason: failure.code } : { result: 'handled' };
  }

  async #runOne(event: Event, { route, rest }: Match): Promise<RookeryError | undefined> {
    const { clock } = this.options;
    const { plugin, handler } = route;
    const deadlineMs = route.deadlineMs ?? this.options.deadlineMs ?? DEADLINE_MS;
    const where = `handler ${plugin}.${handler} on event ${event.id}`;
    const deadline = new AbortController();
    // Every action that the handler waits for listens; Node would warn of a leak at the eleventh.
    setMaxListeners(0, deadline.signal);
    const scope = { plugin, handler, signal: deadline.signal };
    const context =
      event.type === 'message'
        ? new MessageHandlerContext(event, rest, scope, this.#services)
        : new HandlerContext(event, scope, this.#services);
    const started = clock.monotonic();
    let cancel = (): void => undefined;
    const timeout = new Promise<RookeryError>((resolve) => {
      cancel = clock.after(deadlineMs, () => {
        const error = new RookeryError('HANDLER_TIMEOUT', `${where} passed its deadline of ${deadlineMs} ms`);
        // Whatever still runs of the handler can ask for nothing more: its conversation goes on without it.
        context.close();
        deadline.abort(error);
        resolve(error);
      });
    });
    const work = perform(route, context).then(
      () => undefined,
      (thrown: unknown) => handlerFailure(where, thrown),
    );
    const error = await Promise.race([work, timeout]);
    cancel();
    const seconds = (clock.monotonic() - started) / SECOND;
    this.emit('ran', { event: event.id, plugin, handler, seconds, ...(error && { error }) });
    return error;
  }
}

/** Ends when nothing that the handler asked can be lost any more; what it asks later is refused. */
async function perform(route: Route, context: HandlerContext): Promise<void> {
  try {
    const value = await route.invoke(context);
    const message = returnedMessage(value);
    if (message !== undefined) await context.post(message);
    else if (!isIgnorable(value)) context.log.warn({}, `returned a ${typeof value} that is no message; it is ignored`);
  } finally {
    context.close();
    await context.queued();
  }
}
