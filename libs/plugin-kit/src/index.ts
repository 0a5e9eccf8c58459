/**
 * The plugin kit: `authors.ts` is what authors import, the rest is for the worker. A plugin is a class whose decorators form a static manifest; its methods are handed a
 * context that answers, asks and calls, and know nothing of accounts, queues and processes. May import protocol only, zod and
 * re2js.
 *
 * Promises: two plugins that claim the same id or command do not start; a string is always plain text, never CQ code;
 * what a replayed handler asks again has the same action id, so it is one action and not two. What NapCat would drop in
 * silence or fail on is refused or converted before it leaves this process.
 */
export * from './authors';
export { isKeyed } from './asking';
export { BROADCAST_GRANT } from './broadcasts';
export { catalogueOf } from './catalogue';
export type { ContextServices } from './context-services';
export type { Cooldown } from './cooldown';
export { configSchemaOf } from './declarations';
export { allows, refusal, type Permissions } from './guard';
export { contextFor, MessageHandlerContext } from './event-contexts';
export type { HandlerContext } from './handler-context';
export type { Backing, Sender, SenderRequest, Suspension } from './handling/backing';
export { invokeHandler, type HandlerInput } from './invoke-handler';
export { linearRegex, linearRegexProblem, type LinearRegex } from './linear-regex';
export { checkManifests, manifestOf, type CommandSpec, type HandlerSpec, type PluginManifest } from './manifest';
export { MetricNames } from './metrics';
export type { Asked, Outbox } from './outbox';
export { PluginConfig, type ConfigLayers } from './plugin-config';
export { explain } from './pattern/explain';
export type { Pattern } from './pattern/pattern';
export { readArguments } from './pattern/read-arguments';
export { Values } from './storage/storage';
