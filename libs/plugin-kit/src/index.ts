/**
 * All that a plugin author imports. A plugin is a class whose decorators form a static manifest; its methods are handed a
 * context that answers, asks and calls, and know nothing of accounts, queues and processes. May import protocol only, zod and
 * re2js.
 *
 * Promises: two plugins that claim the same id or command do not start; a string is always plain text, never CQ code;
 * what a replayed handler asks again has the same action id, so it is one action and not two. What NapCat would drop in
 * silence or fail on is refused or converted before it leaves this process.
 */
export { isKeyed } from './asking';
export type { CallOptions, CallResult } from './call';
export { catalogueOf, type CommandInfo } from './catalogue';
export type { EventContext, MessageContext } from './context';
export type { Cooldown } from './cooldown';
export { configSchemaOf } from './declarations';
export {
  Arg,
  BotPlugin,
  Command,
  Ctx,
  Every,
  Found,
  Keyword,
  Middleware,
  On,
  Option,
  Regex,
  Use,
  type Match,
  type ScheduleContext,
} from './decorators';
export {
  allows,
  and,
  FromAccount,
  FromPool,
  Granted,
  InGroup,
  InPrivate,
  not,
  or,
  refusal,
  RoleAtLeast,
  Superuser,
  type Guard,
  type Permissions,
} from './guard';
export { HandlerContext, MessageHandlerContext, type ContextServices } from './handler-context';
export { invokeHandler, type HandlerInput } from './invoke-handler';
export { linearRegex, type LinearRegex } from './linear-regex';
export type { Locale, LocalText } from './local-text';
export type { Log } from './log';
export { checkManifests, manifestOf, type CommandSpec, type HandlerSpec, type PluginManifest } from './manifest';
export type { Asked, Outbox } from './outbox';
export { PluginConfig, type ConfigLayers } from './plugin-config';
export type { ArgsOf } from './pattern/args-of';
export { explain } from './pattern/explain';
export type { Pattern } from './pattern/pattern';
export { readArguments } from './pattern/read-arguments';
export * from './segment-builders';
