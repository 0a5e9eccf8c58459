/**
 * All that a plugin author imports. A plugin is a class whose decorators form a static manifest; its methods are handed a
 * context that answers, asks and calls, and know nothing of accounts, queues and processes. May import protocol only, zod and
 * re2js.
 *
 * Promises: two plugins that claim the same id or command do not start; a string is always plain text, never CQ code;
 * what a replayed handler asks again has the same action id, so it is one action and not two. What NapCat would drop in
 * silence or fail on is refused or converted before it leaves this process.
 */
export * from './ask/answer';
export { AskEnded, type AskOptions } from './ask/ask';
export { Bot, type QqNumber, type SentMessage } from './bot';
export { isKeyed } from './asking';
export type { CallOptions, CallResult } from './call';
export { catalogueOf, type CommandInfo } from './catalogue';
export type { EventContext, MessageContext, NoticeContext, RequestContext, SendOptions, SendTo } from './context';
export type { ContextServices } from './context-services';
export { milliseconds, type Duration } from './duration';
export { contextFor, MessageHandlerContext, type HandlerContext } from './handler-context';
export type { Backing, Sender, SenderRequest, Suspension } from './handling/backing';
export type { Chance } from './handling/random';
export { texts, type Locale, type LocalText } from './local-text';
export type { Log } from './log';
export { MetricNames, type Metrics } from './metrics';
export type { Storage } from './storage/scopes';
export { Values, type Json, type Keep } from './storage/storage';
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
export { invokeHandler, type HandlerInput } from './invoke-handler';
export { linearRegex, type LinearRegex } from './linear-regex';
export { checkManifests, manifestOf, type CommandSpec, type HandlerSpec, type PluginManifest } from './manifest';
export type { Asked, Outbox } from './outbox';
export { PluginConfig, type ConfigLayers } from './plugin-config';
export type { ArgsOf } from './pattern/args-of';
export { explain } from './pattern/explain';
export type { Pattern } from './pattern/pattern';
export { readArguments } from './pattern/read-arguments';
export * from './segment-builders';
