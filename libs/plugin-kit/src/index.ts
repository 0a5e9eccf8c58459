/**
 * All that a plugin author imports. A plugin is a class whose decorators form a static manifest; its methods are handed a
 * context that answers, asks and calls, and know nothing of accounts, queues and processes. May import protocol only.
 *
 * Promises: two plugins that claim the same id or command do not start; a string is always plain text, never CQ code;
 * what a replayed handler asks again has the same action id, so it is one action and not two. What NapCat would drop in
 * silence or fail on is refused or converted before it leaves this process.
 */
export { isKeyed } from './asking';
export type { CallOptions, CallResult } from './call';
export { catalogueOf, type CommandInfo } from './catalogue';
export type { EventContext, MessageContext } from './context';
export { BotPlugin, Command, On } from './decorators';
export { HandlerContext, MessageHandlerContext, type ContextServices } from './handler-context';
export type { Locale } from './local-text';
export type { Log } from './log';
export { checkManifests, manifestOf, type PluginManifest } from './manifest';
export type { Asked, Outbox } from './outbox';
export * from './segment-builders';
