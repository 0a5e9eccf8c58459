/**
 * The words of Rookery: ids, events, actions, segments, errors. Pure data and pure functions; imports nothing of ours.
 *
 * account       one QQ account, known by its `self_id`; always behind exactly one NapCat process
 * link          the live connection to an account's NapCat, forward (we dial) or reverse (NapCat dials)
 * pool          a named set of accounts that act as one bot
 * event         one normalized thing that happened: message, notice, request, meta
 * conversation  the unit of order and of state
 * copy          the same group message as another account of the pool saw it; equal (group, seq)
 * partition     one of P fixed shards of conversations; each has one event queue
 * node          one running connector or worker process
 * action        one OneBot API call wanted by a plugin, the console or a downstream client
 * lane          outbound priority class
 * outcome       how an action ended: sent, refused, not_sent, unknown
 */
export {
  ACCOUNT_STATES,
  type AccountImplementation,
  type AccountState,
  type AccountStatus,
  WANTED_STATES,
  type WantedState,
} from './account';
export type { AccountTally, FleetStatus } from './fleet-status';
export {
  type AcceptedCall,
  type Action,
  type ActionResult,
  LANES,
  LANE_EXPIRY_MS,
  type Lane,
  OUTCOMES,
  type Outcome,
  type SentReference,
} from './action';
export { actionSpec, type ActionData, type ActionName, type ActionParams } from './actions/catalogue';
export { contentOf, contentOfSegments, targetOf, targetText } from './actions/target';
export { prepareAction, type PreparedAction } from './actions/prepare';
export { needProblem, PLUGIN_RIGHTS, type PluginNeed, type PluginRight, rightsFor } from './actions/rights';
export { ACTION_KINDS, type ActionKind, actionKind, chatOf, conversationAt } from './chat';
export {
  BROADCAST_ENDS,
  BROADCAST_WISHES,
  type BroadcastAudience,
  type BroadcastCounts,
  type BroadcastDetails,
  type BroadcastEnd,
  type BroadcastFailure,
  type BroadcastInput,
  type BroadcastOrder,
  type BroadcastRequest,
  type BroadcastState,
  type BroadcastStatus,
  type BroadcastTarget,
  type BroadcastWish,
  broadcastAddress,
  broadcastPartition,
  checkBroadcast,
  groupTarget,
  userTarget,
} from './broadcast';
export { type Clock, MINUTE, type Random, SECOND, pause, systemClock } from './clock';
export {
  type ControlProblem,
  type ParsedRequest,
  makeAnswer,
  makeRefusal,
  makeRequest,
  parseAnswer,
  parseRequest,
} from './control/messages';
export {
  APPS,
  type Answer,
  type AppName,
  type Ask,
  LOG_LEVELS,
  type LogLevel,
  type NodeInfo,
  type RequestHandlers,
  type RequestName,
  type RequestsOf,
  appOf,
} from './control/requests';
export {
  accountConversation,
  groupConversation,
  guildConversation,
  partitionOf,
  privateConversation,
} from './conversation';
export { editDistance } from './edit-distance';
export { ENVELOPE_MAX_BYTES, ENVELOPE_MAX_EVENTS, type Envelope, type WrittenEnvelope } from './envelope/envelope';
export { EnvelopeDraft } from './envelope/envelope-draft';
export { type EnvelopeEvent, unfolded } from './envelope/folded-message';
export { readEnvelope } from './envelope/read-envelope';
export { SpareBytes } from './envelope/spare-bytes';
export type { Mutable } from './mutable';
export { SlotMap } from './slot-map';
export { ERRORS, type ErrorCode, type RetryAdvice, RookeryError, assertNever, toError } from './errors';
export {
  EVENT_TYPES,
  type Event,
  type EventHead,
  type EventType,
  MATCHED_TEXT_MAX,
  type MessageEvent,
  type MessageHead,
  type MetaEvent,
  type NoticeEvent,
  type RequestEvent,
  type Scene,
  type ScheduleEvent,
  type Sender,
  type UnknownEvent,
} from './event';
export { FakeClock } from './fake-clock';
export {
  type ActionId,
  type BroadcastId,
  type Chat,
  type ConversationKey,
  DEFAULT_POOL,
  type EventId,
  type GroupId,
  type Id,
  type MessageId,
  type MessageSeq,
  type NodeId,
  type PoolName,
  type SelfId,
  type UserId,
  actionId,
  broadcastId,
  eventId,
  groupId,
  isDecimalId,
  messageId,
  messageSeq,
  nodeId,
  poolName,
  selfId,
  userId,
} from './ids';
export type { AnswerRecord, JournalEntry } from './journal';
export type { EmojiLike, NoticeFields, NoticeFile, NoticeKind } from './notice';
export {
  type PluginSetting,
  type PluginStanding,
  type PluginValues,
  type SettingKey,
  type SettingScope,
  type SettingsAnswer,
  type SettingsRequest,
  groupOf,
  isSettingScope,
  scopesOf,
} from './plugin-setting';
export {
  type AtSegment,
  type MessageLike,
  type ReplySegment,
  type Segment,
  type TextSegment,
  isText,
  plainText,
  toSegments,
} from './segment';
export { canonicalSegment } from './segments/canonical';
export * as segments from './segments/build';
export { DEFAULT_MEDIA_POLICY, type MediaPolicy } from './segments/media-policy';
export { parseCq } from './segments/cq';
export { HOLD_REASONS, type HoldReason, LIMIT_LAYERS, type LimitLayerName } from './waiting';
export {
  STORAGE_LIMITS,
  STORAGE_LIST_MAX,
  STORAGE_NAME_MAX,
  type StorageAnswer,
  type StorageLimits,
  type StorageOperation,
  type StorageRequest,
  type StorageScope,
  type Target,
} from './storage';
export { channels, parseAction, parseActionsWaiting, parseLeasesChanged, parseResult, parseResults } from './wire';
