import {
  actionSpec,
  groupConversation,
  groupId,
  privateConversation,
  RookeryError,
  toSegments,
  userId,
  type AcceptedCall,
  type ActionData,
  type ActionName,
  type ActionResult,
  type ConversationKey,
  type Lane,
  type MessageLike,
  type PoolName,
  type Segment,
  type SelfId,
} from '@rookery/protocol';
import { checkOptions } from './asking';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { Handling } from './handling/handling';
import { image } from './segment-builders';

/** A QQ number, of a person or of a group. */
export type QqNumber = string | number;

/** A message by its id, or the outcome of the send that made it. */
export type SentMessage = string | number | ActionResult;

/**
 * What one account can do. Everything resolves with the outcome, `sent` when it took effect, and nothing is thrown for what QQ or
 * NapCat refuse; parameters that cannot be right reject with ACTION_INVALID. For actions without a name here there is
 * {@link call}.
 */
export class Bot {
  readonly #handling: Handling;
  readonly #sender: { readonly self: SelfId; readonly pool: PoolName } | undefined;

  /** Without `sender`: the account that acts for the event at the moment of the call. */
  constructor(handling: Handling, sender?: { readonly self: SelfId; readonly pool: PoolName }) {
    this.#handling = handling;
    this.#sender = sender;
  }

  /** Number of the account. */
  get self(): SelfId {
    return this.#sender?.self ?? this.#handling.self;
  }

  get pool(): PoolName {
    return this.#sender?.pool ?? this.#handling.event.pool;
  }

  /**
   * Any OneBot action. Rejects with ACTION_INVALID, naming the parameter, when the call is wrong: nothing was asked of
   * anybody then. Whatever happens later is in the result.
   */
  call<Name extends ActionName>(action: Name, ...rest: CallArguments<Name>): Promise<CallResult<Name>>;
  /** Resolves as soon as the action is stored durably; what comes of it is not told. */
  call<Name extends ActionName>(action: UnawaitedAction<Name>, ...rest: CallArguments<Name>): Promise<AcceptedCall>;
  /** An action that the protocol table does not know, with parameters that nobody checks. */
  call<Name extends string>(
    action: OtherAction<Name>,
    params?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<OtherResult<Name>>;
  call(
    action: string,
    params: Readonly<Record<string, unknown>> = {},
    options: CallOptions = {},
  ): Promise<ActionResult | AcceptedCall> {
    const result = this.#call(action, params, options);
    // A handler that does not wait must not end the process with an unhandled rejection; the log has the reason.
    result.catch(() => undefined);
    return result;
  }

  sendGroupMessage(group: QqNumber, message: MessageLike): Promise<ActionResult> {
    return this.call('send_group_msg', { group_id: group, message });
  }

  /** `viaGroup`: the group of a temporary session with somebody who is no friend. */
  sendPrivateMessage(user: QqNumber, message: MessageLike, viaGroup?: QqNumber): Promise<ActionResult> {
    return this.call('send_private_msg', {
      user_id: user,
      message,
      ...(viaGroup !== undefined && { group_id: viaGroup }),
    });
  }

  /** `file`: an address, a path in the shared folder, or `base64://…`. */
  sendGroupImage(group: QqNumber, file: string): Promise<ActionResult> {
    return this.sendGroupMessage(group, image(file));
  }

  sendPrivateImage(user: QqNumber, file: string): Promise<ActionResult> {
    return this.sendPrivateMessage(user, image(file));
  }

  /** Several messages as one that opens; made with `node` and `nodeOf`. */
  sendGroupForward(group: QqNumber, nodes: readonly Segment[]): Promise<ActionResult> {
    return this.call('send_group_forward_msg', { group_id: group, messages: nodes });
  }

  sendPrivateForward(user: QqNumber, nodes: readonly Segment[]): Promise<ActionResult> {
    return this.call('send_private_forward_msg', { user_id: user, messages: nodes });
  }

  /** Takes a message back: one of this account, or anybody's where it is an admin. */
  recall(message: SentMessage): Promise<ActionResult> {
    return this.#onMessage(message, (id) => this.call('delete_msg', { message_id: id }));
  }

  /** `emoji`: number of the face or the emoji. `on`: false takes it off again. */
  react(message: SentMessage, emoji: QqNumber, on = true): Promise<ActionResult> {
    return this.#onMessage(message, (id) =>
      this.call('set_msg_emoji_like', { message_id: id, emoji_id: emoji, set: on }),
    );
  }

  /** A message as NapCat knows it. */
  message(id: QqNumber): Promise<CallResult<'get_msg'>> {
    return this.call('get_msg', { message_id: id });
  }

  kick(group: QqNumber, user: QqNumber, options: { readonly block?: boolean } = {}): Promise<ActionResult> {
    return this.call('set_group_kick', {
      group_id: group,
      user_id: user,
      reject_add_request: options.block ?? false,
    });
  }

  /** From 1 second to 30 days. */
  mute(group: QqNumber, user: QqNumber, seconds: number): Promise<ActionResult> {
    return this.call('set_group_ban', { group_id: group, user_id: user, duration: seconds });
  }

  unmute(group: QqNumber, user: QqNumber): Promise<ActionResult> {
    return this.call('set_group_ban', { group_id: group, user_id: user, duration: 0 });
  }

  muteAll(group: QqNumber, on = true): Promise<ActionResult> {
    return this.call('set_group_whole_ban', { group_id: group, enable: on });
  }

  /** Name in the group; an empty one takes it away. */
  setCard(group: QqNumber, user: QqNumber, card: string): Promise<ActionResult> {
    return this.call('set_group_card', { group_id: group, user_id: user, card });
  }

  /** Only the owner of a group can; an empty one takes it away. */
  setTitle(group: QqNumber, user: QqNumber, title: string): Promise<ActionResult> {
    return this.call('set_group_special_title', { group_id: group, user_id: user, special_title: title });
  }

  setAdmin(group: QqNumber, user: QqNumber, on = true): Promise<ActionResult> {
    return this.call('set_group_admin', { group_id: group, user_id: user, enable: on });
  }

  setGroupName(group: QqNumber, name: string): Promise<ActionResult> {
    return this.call('set_group_name', { group_id: group, group_name: name });
  }

  leaveGroup(group: QqNumber): Promise<ActionResult> {
    return this.call('set_group_leave', { group_id: group });
  }

  memberList(group: QqNumber): Promise<CallResult<'get_group_member_list'>> {
    return this.call('get_group_member_list', { group_id: group });
  }

  memberInfo(group: QqNumber, user: QqNumber): Promise<CallResult<'get_group_member_info'>> {
    return this.call('get_group_member_info', { group_id: group, user_id: user });
  }

  groupInfo(group: QqNumber): Promise<CallResult<'get_group_info'>> {
    return this.call('get_group_info', { group_id: group });
  }

  groupList(): Promise<CallResult<'get_group_list'>> {
    return this.call('get_group_list');
  }

  friendList(): Promise<CallResult<'get_friend_list'>> {
    return this.call('get_friend_list');
  }

  poke(user: QqNumber, group?: QqNumber): Promise<ActionResult> {
    return this.call('send_poke', { user_id: user, ...(group !== undefined && { group_id: group }) });
  }

  /** `flag`: of the request's event. */
  approveFriend(flag: string, remark?: string): Promise<ActionResult> {
    return this.call('set_friend_add_request', { flag, approve: true, ...(remark !== undefined && { remark }) });
  }

  rejectFriend(flag: string): Promise<ActionResult> {
    return this.call('set_friend_add_request', { flag, approve: false });
  }

  approveGroup(flag: string): Promise<ActionResult> {
    return this.call('set_group_add_request', { flag, approve: true });
  }

  rejectGroup(flag: string, reason?: string): Promise<ActionResult> {
    return this.call('set_group_add_request', { flag, approve: false, ...(reason !== undefined && { reason }) });
  }

  async #call(
    wanted: string,
    params: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<ActionResult | AcceptedCall> {
    try {
      checkOptions(wanted, options);
      const { name, form, params: prepared } = this.#handling.prepared(wanted, params);
      const { self, pool } = this;
      const conversation = conversationOf(name, prepared, self, pool) ?? this.#handling.event.conversation;
      const lane = options.lane ?? (form === 'rate_limited' ? 'normal' : laneOf(name));
      const call = { name, params: prepared, lane, options, at: { self, conversation } };
      return await (form === 'plain' ? this.#handling.act(call) : this.#handling.accept(call));
    } catch (error) {
      if (error instanceof RookeryError) this.#handling.log.warn({}, `refused: ${error.message}`);
      throw error;
    }
  }

  async #onMessage(message: SentMessage, act: (id: string | number) => Promise<ActionResult>): Promise<ActionResult> {
    const id = messageIdOf(message);
    if (id !== undefined) return act(id);
    const text = 'the outcome holds no message id: the message was not sent, or nobody knows whether it was';
    return this.#handling.refused({ code: 'ACTION_INVALID', message: text });
  }
}

/** Sends are ordered and paced by where they go, not by where they were asked for. */
function conversationOf(
  action: string,
  params: Readonly<Record<string, unknown>>,
  self: SelfId,
  pool: PoolName,
): ConversationKey | undefined {
  if (actionSpec(action)?.sends !== true) return undefined;
  const { group_id: group, user_id: user } = params;
  if (typeof group === 'string') return groupConversation(pool, groupId(group));
  return typeof user === 'string' ? privateConversation(self, userId(user)) : undefined;
}

function messageIdOf(message: SentMessage): string | number | undefined {
  if (typeof message !== 'object') return message;
  const { message_id: id } = (message.data ?? {}) as Partial<ActionData<'send_group_msg'>>;
  return id;
}

/** Reads are not paced by sends. */
function laneOf(action: string): Lane {
  const kind = actionSpec(action)?.kind ?? (action.startsWith('get_') ? 'read' : 'write');
  return kind === 'read' ? 'read' : 'normal';
}

/** As one message: a quotation and what follows it. */
export function quoting(quotation: readonly Segment[], message: MessageLike): readonly Segment[] {
  return [...quotation, ...toSegments(message)];
}
