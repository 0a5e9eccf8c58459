import type { EventContext } from './context';
import { findDeclarations, type Declarations, type ParameterSource } from './declarations';
import type { MiddlewareMethod } from './decorators';
import type { Arguments } from './pattern/read-arguments';

/** What matching found out about an event for one handler; plain data. */
export interface HandlerInput {
  /** Of a command. */
  readonly args?: Arguments;
  /** Of a keyword or a regular expression: the whole, then the groups. */
  readonly match?: readonly (string | undefined)[];
}

type Methods = Readonly<Record<string, ((...args: unknown[]) => unknown) | undefined>>;

/** Calls a handler of a plugin's instance with the parameters that it declares, inside of the plugin's middleware. */
export async function invokeHandler(
  plugin: object,
  handler: string,
  context: EventContext,
  input: HandlerInput = {},
): Promise<unknown> {
  const declared = findDeclarations(plugin.constructor);
  const methods = plugin as Methods;
  const call = async (): Promise<unknown> =>
    // The manifest has checked that the method is there.
    await methods[handler]?.apply(plugin, parametersOf(declared, handler, context, input));
  return await around(declared?.middleware ?? [], plugin, context, call);
}

function around(
  middleware: readonly string[],
  plugin: object,
  context: EventContext,
  call: () => Promise<unknown>,
): Promise<unknown> {
  const [first, ...inner] = middleware;
  if (first === undefined) return call();
  let passed = false;
  const next = async (): Promise<unknown> => {
    if (passed) throw new Error(`the middleware ${first} called next() twice`);
    passed = true;
    return await around(inner, plugin, context, call);
  };
  const method = (plugin as Readonly<Record<string, MiddlewareMethod | undefined>>)[first];
  return Promise.resolve(method?.call(plugin, context, next));
}

function parametersOf(
  declared: Declarations | undefined,
  handler: string,
  context: EventContext,
  input: HandlerInput,
): unknown[] {
  const decorated = declared?.parameters.filter(({ method }) => method === handler) ?? [];
  if (decorated.length === 0) return [context, input.match ?? input.args ?? {}];
  const values: unknown[] = [];
  for (const { index, source } of decorated) values[index] = valueOf(source, context, input);
  return values;
}

function valueOf(source: ParameterSource, context: EventContext, { args, match }: HandlerInput): unknown {
  switch (source.kind) {
    case 'arg':
    case 'option':
      return args?.[source.name];
    case 'context':
      return context;
    case 'match':
      return match;
  }
}
