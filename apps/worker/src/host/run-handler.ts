import {
  HandlerContext,
  invokeHandler,
  MessageHandlerContext,
  type ContextServices,
  type HandlerInput,
} from '@rookery/plugin-kit';
import type { Event, RookeryError, Segment } from '@rookery/protocol';
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
  readonly signal: AbortSignal;
  readonly services: ContextServices;
}

export interface StartedHandler {
  /** From now on what the handler asks is refused; it may still run. */
  readonly giveUp: () => void;
  /** Resolves with the failure, or undefined. Never rejects. */
  readonly ended: Promise<RookeryError | undefined>;
}

/** Begins a handler where its plugin's code is; the handler's synchronous part has run when this returns. */
export function startHandler(work: HandlerWork): StartedHandler {
  const { pluginId, handler, event, rest, signal, services } = work;
  const scope = { plugin: pluginId, handler, signal };
  const context =
    event.type === 'message'
      ? new MessageHandlerContext(event, rest, scope, services)
      : new HandlerContext(event, scope, services);
  const ended = perform(work, context).then(
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
  } finally {
    context.close();
    await context.queued();
  }
}
