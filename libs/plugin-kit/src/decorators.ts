import type { Event, EventType, RequestEvent, ScheduleEvent } from '@rookery/protocol';
import type { EventContext, MessageContext, RequestContext } from './context';
import {
  declarationsOf,
  type CommandOptions,
  type EveryOptions,
  type HandlerOptions,
  type MessageOptions,
  type ParameterSource,
  type PluginOptions,
  type RegexOptions,
} from './declarations';
import type { EventSelector } from './event-selector';
import type { Guard } from './guard';
import type { ArgsOf, ValuesOf } from './pattern/args-of';

/** The context that a handler of these events is given. */
type ContextOf<S extends EventSelector> = S extends 'message' | `message.${string}`
  ? MessageContext
  : S extends 'request'
    ? RequestContext
    : S extends `request.${infer Kind extends RequestEvent['kind']}`
      ? RequestContext<Kind>
      : S extends `${infer Type extends EventType}.${infer Kind}`
        ? EventContext<Extract<Event, { readonly type: Type; readonly kind: Kind }>>
        : EventContext<Extract<Event, { readonly type: S }>>;

/** The context of a handler of `@Every`: nobody spoke, so there is nobody to reply to. */
export type ScheduleContext = EventContext<ScheduleEvent>;

/** Only these shapes of method compile: what it takes is what it will get. */
type HandlerDecorator<Shape extends (...args: never[]) => unknown> = <Method extends Shape>(
  prototype: object,
  method: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * What a command's method may take: the context and then the arguments as one object; or, each with its decorator, the arguments in
 * the order of the pattern with the context before or behind them.
 */
type CommandMethod<Pattern extends string> = string extends Pattern
  ? (...args: never[]) => unknown
  :
      | ((context: MessageContext, args: ArgsOf<Pattern>) => unknown)
      | ((...args: [...ValuesOf<Pattern>, MessageContext]) => unknown)
      | ((...args: [MessageContext, ...ValuesOf<Pattern>]) => unknown);

/** What a regular expression or a keyword found: the whole, then the groups; undefined for a group that took no part. */
export type Match = readonly [string, ...(string | undefined)[]];

type MatchMethod =
  | ((context: MessageContext, match: Match) => unknown)
  | ((match: Match, context: MessageContext) => unknown);

/** Goes around every handler of its class: what is not passed on by `next` does not happen. */
export type MiddlewareMethod = (context: EventContext, next: () => Promise<unknown>) => unknown;

/** Marks a class as a plugin. */
export function BotPlugin(options: PluginOptions) {
  return (plugin: abstract new (...args: never[]) => object): void => {
    declarationsOf(plugin).plugin = options;
  };
}

/**
 * Handles a command: its words, then arguments, then options, as in
 * `roll [sides:int(2..1000)=6] <who:at> [note:text...] --secret|-s --times|-n <count:int=1>`. What the method returns, if it is a
 * message, is the reply. What does not fit the pattern is answered with the usage and never reaches the method.
 */
export function Command<const Pattern extends string>(
  pattern: Pattern,
  options: CommandOptions,
): HandlerDecorator<CommandMethod<Pattern>> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).commands.push({ method, pattern, options });
  };
}

/** Handles messages that contain one of the words; upper and lower case are one. */
export function Keyword(
  words: string | readonly string[],
  options: MessageOptions = {},
): HandlerDecorator<MatchMethod> {
  return (prototype, method) => {
    const all = typeof words === 'string' ? [words] : words;
    declarationsOf(prototype.constructor).keywords.push({ method, words: all, options });
  };
}

/**
 * Handles messages in which the expression is found, in the syntax of RE2: linear in the text, hence without back references and
 * look-around. The first 4,096 characters of a message count. Flags other than `i` are written into the expression: `(?s)`.
 */
export function Regex(expression: RegExp | string, options: RegexOptions = {}): HandlerDecorator<MatchMethod> {
  return (prototype, method) => {
    const source = typeof expression === 'string' ? expression : expression.source;
    const ignoreCase = typeof expression !== 'string' && expression.ignoreCase;
    const all = ignoreCase ? { ignoreCase, ...options } : options;
    declarationsOf(prototype.constructor).regexes.push({ method, source, options: all });
  };
}

/** Handles events of a type, `message`, or of a kind, `notice.group_increase`. */
export function On<S extends EventSelector>(
  selector: S,
  options: HandlerOptions = {},
): HandlerDecorator<(context: ContextOf<S>) => unknown> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).listeners.push({ method, selector, options });
  };
}

/**
 * Runs at the times of a cron expression of five or six fields (the first of six is the second), once in the whole cluster. A time
 * at which no worker ran is made up for once, however many were missed.
 */
export function Every(cron: string, options: EveryOptions): HandlerDecorator<(context: ScheduleContext) => unknown> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).schedules.push({ method, cron, options });
  };
}

/** Who or where may use a handler, or, above the class, all of them. All of the guards must agree. */
export function Use(...guards: Guard[]) {
  return (target: object, method?: string, _descriptor?: PropertyDescriptor): void => {
    const plugin = typeof target === 'function' ? target : target.constructor;
    declarationsOf(plugin).guards.push({ guards, ...(method !== undefined && { method }) });
  };
}

/** Goes around every handler of the class, the first that is declared outermost. */
export function Middleware(): HandlerDecorator<MiddlewareMethod> {
  return (prototype, method) => {
    declarationsOf(prototype.constructor).middleware.push(method);
  };
}

type ParameterDecorator = (prototype: object, method: string, index: number) => void;

/** The argument of this name. Where one parameter has a decorator, all have. */
export function Arg(name: string): ParameterDecorator {
  return parameter({ kind: 'arg', name });
}

/** The option of this name, without dashes; false or undefined where it was not given. */
export function Option(name: string): ParameterDecorator {
  return parameter({ kind: 'option', name });
}

export function Ctx(): ParameterDecorator {
  return parameter({ kind: 'context' });
}

/** What `@Regex` or `@Keyword` found. */
export function Found(): ParameterDecorator {
  return parameter({ kind: 'match' });
}

function parameter(source: ParameterSource): ParameterDecorator {
  return (prototype, method, index) => {
    declarationsOf(prototype.constructor).parameters.push({ method, index, source });
  };
}
