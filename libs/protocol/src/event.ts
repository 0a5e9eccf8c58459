import type { ConversationKey, EventId, GroupId, MessageId, MessageSeq, PoolName, SelfId, UserId } from './ids';
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

/** A message as one account saw it (a "copy" when several accounts of the pool are in the group). */
export interface MessageEvent extends EventBase {
  readonly type: 'message';
  readonly scene: Scene;
  /** `friend`, `group`, `normal`, `anonymous`, `notice`, `channel`, `other` or what an implementation adds. */
  readonly subType: string;
  /** Only this account can use it in actions. Absent when the implementation gave none. */
  readonly messageId?: MessageId;
  /** With the group id the canonical reference: equal for every account in the group (network.md, section 7). */
  readonly seq?: MessageSeq;
  readonly sender: Sender;
  readonly segments: readonly Segment[];
  /** Plain text of the segments, for matching. */
  readonly text: string;
  /** True for `message_sent`: said by this account itself, through us or on another device. */
  readonly own: boolean;
}

export interface NoticeEvent extends EventBase {
  readonly type: 'notice';
  /** `group_increase`, `notify.poke`, … (`notice_type`, and `sub_type` for `notify`). */
  readonly kind: string;
  readonly subType?: string;
  readonly groupId?: GroupId;
  readonly userId?: UserId;
  readonly operatorId?: UserId;
  readonly targetId?: UserId;
  readonly messageId?: MessageId;
  /** The remaining fields of the frame, under their OneBot names. */
  readonly fields: Readonly<Record<string, unknown>>;
}

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

/** An event of a kind that we do not know: carried whole, never lost. */
export interface UnknownEvent extends EventBase {
  readonly type: 'unknown';
  /** `post_type` and detail type as they came, for humans. */
  readonly kind: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type Event = MessageEvent | NoticeEvent | RequestEvent | MetaEvent | UnknownEvent;
export type EventType = Event['type'];
export const EVENT_TYPES = ['message', 'notice', 'request', 'meta', 'unknown'] as const satisfies readonly EventType[];
