import type { ConversationKey, EventId, GroupId, MessageId, MessageSeq, PoolName, SelfId, UserId } from './ids';
import type { NoticeFields, NoticeKind } from './notice';
import type { Segment } from './segment';

/** What every event has. All times are milliseconds since 1970 (UTC). */
interface EventBase {
  /** Same copy, same id: derived from the content, so a frame received twice (dual attach, resend) is recognised. */
  readonly id: EventId;
  /** The account that saw it. */
  readonly self: SelfId;
  readonly pool: PoolName;
  readonly conversation: ConversationKey;
  /** When it happened according to the sender of the frame; its resolution is one second. */
  readonly time: number;
  /** When our connector read the frame. */
  readonly receivedAt: number;
  /** Read from history after a gap, not heard live. Its id is that of the live event, so a double is recognised. */
  readonly filled?: true;
  /** The frame as it came; only where the connector was told to keep it. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

export interface Sender {
  readonly userId: UserId;
  readonly nickname: string;
  /** Name in the group; empty when none is set. */
  readonly card: string;
  readonly role?: 'owner' | 'admin' | 'member';
  readonly title?: string;
}

/** Where a message was said. */
export type Scene =
  | { readonly kind: 'group'; readonly groupId: GroupId; readonly groupName?: string }
  /** `viaGroup` is the group of a temporary session; answering needs it (NapCat, `send_private_msg`). */
  | { readonly kind: 'private'; readonly userId: UserId; readonly viaGroup?: GroupId }
  | { readonly kind: 'guild'; readonly guildId: string; readonly channelId: string };

/** Longest `text` of a message event. */
export const MATCHED_TEXT_MAX = 64 * 1024;

/** A message as one account saw it (a "copy" when several accounts of the pool are in the group). */
export interface MessageEvent extends EventBase {
  readonly type: 'message';
  readonly scene: Scene;
  /** `friend`, `group`, `normal`, `anonymous`, `notice`, `channel`, `other` or what an implementation adds. */
  readonly subType: string;
  /** Only this account can use it in actions. Absent when the implementation gave none. */
  readonly messageId?: MessageId;
  /** With the group id the canonical reference: equal for every account in the group. */
  readonly seq?: MessageSeq;
  readonly sender: Sender;
  /** Present for anonymous group messages of the standard; QQ itself has dropped them. */
  readonly anonymous?: { readonly id: string; readonly name: string; readonly flag: string };
  readonly segments: readonly Segment[];
  /** Plain text of the segments, for matching; at most {@link MATCHED_TEXT_MAX} UTF-16 units, `segments` hold all. */
  readonly text: string;
  /** True for `message_sent`: said by this account itself, through us or on another device. */
  readonly own: boolean;
}

/** What is known of a message without the rest of it: enough to tell who wants it. */
export interface MessageHead extends Pick<
  MessageEvent,
  'type' | 'id' | 'self' | 'pool' | 'conversation' | 'receivedAt' | 'scene' | 'own' | 'text'
> {
  readonly sender: Pick<Sender, 'userId' | 'role'>;
}

interface NoticeBase extends EventBase {
  readonly type: 'notice';
  readonly subType?: string;
  readonly groupId?: GroupId;
  /** Whom it is about. Absent when the frame says 0, which means unknown, or everybody (ban of a whole group). */
  readonly userId?: UserId;
  /** Who did it. Absent when the frame says 0, which means unknown. */
  readonly operatorId?: UserId;
  readonly targetId?: UserId;
  readonly messageId?: MessageId;
}

/**
 * A notice of a kind that we know. `fields` holds the rest of the frame under its OneBot names: typed where the kind
 * declares it, `unknown` for whatever an implementation adds.
 */
export type NoticeEvent = {
  [K in NoticeKind]: NoticeBase & {
    readonly kind: K;
    readonly fields: Readonly<Record<string, unknown>> & NoticeFields[K];
  };
}[NoticeKind];

export interface RequestEvent extends EventBase {
  readonly type: 'request';
  readonly kind: 'friend' | 'group.add' | 'group.invite';
  readonly userId: UserId;
  readonly groupId?: GroupId;
  readonly comment: string;
  /** Opaque: pass it back unchanged, never use it as a key or label. */
  readonly flag: string;
}

export type MetaEvent = EventBase & { readonly type: 'meta' } & (
    | { readonly kind: 'lifecycle'; readonly subType: 'connect' | 'enable' | 'disable' }
    | { readonly kind: 'heartbeat'; readonly online: boolean; readonly intervalMs: number }
  );

/** A time has come that a plugin wants to know of. `self` is the account that speaks for it, in its own conversation. */
export interface ScheduleEvent extends EventBase {
  readonly type: 'schedule';
  /** `<plugin>.<handler>`; nobody else hears of it. */
  readonly kind: string;
  /** The time that was declared, milliseconds since 1970; the event can be later. */
  readonly tick: number;
}

/** An event of a kind that we do not know: carried whole, never lost. */
export interface UnknownEvent extends EventBase {
  readonly type: 'unknown';
  /** `post_type` and detail type as they came, at most 64 printable characters, for humans. */
  readonly kind: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type Event = MessageEvent | NoticeEvent | RequestEvent | MetaEvent | ScheduleEvent | UnknownEvent;
/** An event, or as much of one as it takes to tell who wants it. */
export type EventHead = Exclude<Event, MessageEvent> | MessageHead;
export type EventType = Event['type'];
export const EVENT_TYPES = [
  'message',
  'notice',
  'request',
  'meta',
  'schedule',
  'unknown',
] as const satisfies readonly EventType[];
