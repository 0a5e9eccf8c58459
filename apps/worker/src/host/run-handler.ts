import {
  AskEnded,
  contextFor,
  invokeHandler,
  type ContextServices,
  type HandlerContext,
  type HandlerInput,
} from '@rookery/plugin-kit';
import type { Event, JournalEntry, RookeryError, Segment } from '@rookery/protocol';
import { handlerFailure } from './handler-failure';
import { isIgnorable, returnedMessage } from './returned-message';

export interface HandlerWork {
  /** Instance of the plugin's class. */
  readonly plugin: object;
  readonly pluginId: string;
  readonly handler: string;
  readonly event: Event;
  readonly rest: readonly Segment[];
  readonly input?: HandlerInput;
  /** What it did before it was suspended, with the answer. */
  readonly journal: readonly JournalEntry[];
  /** The end of its time. */
  readonly time: { readonly signal: AbortSignal };
  /** When it will be given up, milliseconds since 1970. */
  readonly deadline: number;
  readonly services: ContextServices;
}

export interface StartedHandler {
  /** From now on what the handler asks is refused; it may still run. */
  readonly giveUp: () => void;
  /** Resolves with the failure, or undefined. Never rejects. */
  readonly ended: Promise<RookeryError | undefined>;
}

/** A class, since each object literal with a getter has a shape of its own, at which everything that reads it is slow. */
class HandlerScope {
  readonly plugin: string;
  readonly handler: string;
  readonly journal: readonly JournalEntry[];
  readonly deadline: number;
  readonly #time: HandlerWork['time'];

  constructor({ pluginId, handler, journal, deadline, time }: HandlerWork) {
    this.plugin = pluginId;
    this.handler = handler;
    this.journal = journal;
    this.deadline = deadline;
    this.#time = time;
  }

  /** Made when it is asked for. */
  get signal(): AbortSignal {
    return this.#time.signal;
  }
}

/** Begins a handler where its plugin's code is; the handler's synchronous part has run when this returns. */
export function startHandler(work: HandlerWork): StartedHandler {
  const { pluginId, handler, event, rest, services } = work;
  const context = contextFor(event, rest, new HandlerScope(work), services);
  const ended = Promise.race([perform(work, context), context.suspending.suspended]).then(
    () => undefined,
    (thrown: unknown) => handlerFailure(`handler ${pluginId}.${handler} on event ${event.id}`, thrown),
  );
  return { giveUp: () => context.close(), ended };
}

/** Ends when nothing that the handler asked can be lost any more; what it asks later is refused. */
async function perform({ plugin, handler, input }: HandlerWork, context: HandlerContext): Promise<void> {
  try {
    const value = await invokeHandler(plugin, handler, context, input);
    const message = returnedMessage(value);
    if (message !== undefined) await context.post(message);
    else if (!isIgnorable(value)) context.log.warn({}, `returned a ${typeof value} that is no message; it is ignored`);
  } catch (thrown) {
    // Whatever a changed handler throws is of no interest, and a question without an answer is no failure.
    if (!context.changed && !(thrown instanceof AskEnded)) throw thrown;
  } finally {
    context.close();
    await context.queued();
  }
  if (!context.changed) return;
  context.log.warn(
    { code: 'HANDLER_CHANGED' },
    'the handler has changed since it asked and cannot go on with the answer',
  );
  await context.sayChanged();
}
