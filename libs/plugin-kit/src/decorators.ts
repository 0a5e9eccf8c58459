import type { Event, EventType } from '@rookery/protocol';
import type { EventContext, MessageContext } from './context';
import { declarationsOf, type CommandOptions, type HandlerOptions } from './declarations';
import type { EventSelector } from './event-selector';
import type { LocalText } from './local-text';

/** The context that a handler of these events is given. */
type ContextOf<S extends EventSelector> = S extends 'message' | `message.${string}`
  ? MessageContext
  : S extends `${infer Type extends EventType}.${infer Kind}`
    ? EventContext<Extract<Event, { readonly type: Type; readonly kind: Kind }>>
    : EventContext<Extract<Event, { readonly type: S }>>;

/** Only this shape of method compiles: the context it takes is the one it will get. */
type HandlerDecorator<Context> = <Method extends (context: Context) => unknown>(
  prototype: object,
  method: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/** Marks a class as a plugin. `id` is its name in metrics, logs and action ids: lower-case letters, digits and dashes. */
export function BotPlugin(options: { readonly id: string; readonly title?: LocalText }) {
  return (plugin: abstract new (...args: never[]) => object): void => {
    declarationsOf(plugin).plugin = options;
  };
}

/**
 * Handles a command. The pattern is the command's name, one word or several, followed by the parameters as help shall show
 * them: `ping [text...]`, `group mute <member> [minutes]`. What the method returns, if it is a message, is the reply.
 */
export function Command(pattern: string, options: CommandOptions): HandlerDecorator<MessageContext> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).commands.push({ method, pattern, options });
  };
}

/** Handles events of a type, `message`, or of a kind, `notice.group_increase`. */
export function On<S extends EventSelector>(selector: S, options: HandlerOptions = {}): HandlerDecorator<ContextOf<S>> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).listeners.push({ method, selector, options });
  };
}
