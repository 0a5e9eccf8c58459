/**
 * `rookery/plugin-kit`: all that an author of plugins imports, and nothing else. Taking a name away, or changing what it means,
 * breaks plugins that we cannot see.
 */
export * from './ask/answer';
export { AskEnded, type AskOptions } from './ask/ask';
export type { Bot, QqNumber, SentMessage } from './bot';
export type { Broadcast, Broadcasts } from './broadcasts';
export type { CallOptions, CallResult } from './call';
export type { CommandInfo } from './catalogue';
export type {
  EventContext,
  MessageContext,
  NoticeContext,
  ReplyOptions,
  RequestContext,
  SendOptions,
  SendTo,
} from './context';
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
export { milliseconds, type Duration } from './duration';
export {
  and,
  FromAccount,
  FromPool,
  Granted,
  InGroup,
  InPrivate,
  not,
  or,
  RoleAtLeast,
  Superuser,
  type Guard,
} from './guard';
export type { Chance } from './handling/random';
export { texts, type Locale, type LocalText } from './local-text';
export type { Log } from './log';
export type { Metrics } from './metrics';
export type { ArgsOf } from './pattern/args-of';
export * from './segment-builders';
export { forGroupAdmins, SettingRefused, type Settings } from './settings';
export type { Storage } from './storage/scopes';
export type { Json, Keep } from './storage/storage';
export type {
  ActionResult,
  BroadcastDetails,
  BroadcastInput,
  BroadcastStatus,
  Event,
  MessageEvent,
  MessageLike,
  NoticeEvent,
  RequestEvent,
  Segment,
} from '@rookery/protocol';
/** The zod that settings of plugins are checked with: a plugin needs none of its own. */
export { z } from 'zod';
