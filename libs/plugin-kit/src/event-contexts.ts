import {
  plainText,
  type ActionResult,
  type Event,
  type MessageEvent,
  type MessageLike,
  type ReplySegment,
  type RequestEvent,
  type Segment,
} from '@rookery/protocol';
import { Bot, quoting, type QqNumber, type SentMessage } from './bot';
import type { MessageContext, ReplyOptions, RequestContext } from './context';
import type { ContextServices, HandlerScope } from './context-services';
import { HandlerContext } from './handler-context';
import { invalid } from './handling/handling';

/** The context of a message; `rest` is what follows the command. */
export class MessageHandlerContext extends HandlerContext<MessageEvent> implements MessageContext {
  readonly args: string;

  constructor(
    event: MessageEvent,
    readonly rest: readonly Segment[],
    scope: HandlerScope,
    services: ContextServices,
  ) {
    super(event, scope, services);
    this.args = plainText(rest);
  }

  /** The sequence number wins: it is right for every account in the group, the message id only for the one that saw it. */
  get quotation(): readonly ReplySegment[] {
    const { seq, messageId } = this.event;
    if (seq !== undefined) return [{ type: 'reply', data: { seq } }];
    return messageId === undefined ? [] : [{ type: 'reply', data: { id: messageId } }];
  }

  quote(message: MessageLike, options: ReplyOptions = {}): Promise<ActionResult> {
    return this.reply(quoting(this.quotation, message), options);
  }

  recall(message?: SentMessage): Promise<ActionResult> {
    if (message !== undefined) return this.bot.recall(message);
    return this.#onOwn((bot, id) => bot.recall(id));
  }

  react(emoji: QqNumber, on = true): Promise<ActionResult> {
    return this.#onOwn((bot, id) => bot.react(id, emoji, on));
  }

  /** A message id is good only for the account that saw it. */
  #onOwn(act: (bot: Bot, id: string) => Promise<ActionResult>): Promise<ActionResult> {
    const { messageId, self, pool } = this.event;
    if (messageId !== undefined) return act(new Bot(this.handling, { self, pool }), messageId);
    return Promise.resolve(this.handling.refused(invalid('the message that is handled has no id')));
  }
}

/** The context of a friend request or a group request. */
export class RequestHandlerContext extends HandlerContext<RequestEvent> implements RequestContext {
  approve(remark?: string): Promise<ActionResult> {
    const { kind, flag } = this.event;
    return kind === 'friend' ? this.bot.approveFriend(flag, remark) : this.bot.approveGroup(flag);
  }

  reject(reason?: string): Promise<ActionResult> {
    const { kind, flag } = this.event;
    return kind === 'friend' ? this.bot.rejectFriend(flag) : this.bot.rejectGroup(flag, reason);
  }
}

/** The context that fits the event; `rest` is what follows the command. */
export function contextFor(
  event: Event,
  rest: readonly Segment[],
  scope: HandlerScope,
  services: ContextServices,
): HandlerContext {
  switch (event.type) {
    case 'message':
      return new MessageHandlerContext(event, rest, scope, services);
    case 'request':
      return new RequestHandlerContext(event, scope, services);
    case 'notice':
    case 'schedule':
    case 'meta':
    case 'unknown':
      return new HandlerContext(event, scope, services);
  }
}
