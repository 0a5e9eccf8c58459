import { RookeryError } from '../errors';
import type { Event, MessageEvent, MessageHead, Scene, Sender } from '../event';
import type { ConversationKey, EventId, MessageId, MessageSeq, PoolName, SelfId } from '../ids';
import type { Mutable } from '../mutable';
import { unfoldSegments, type BodyFields, type HeadFields } from './message-parts';

/** A message of an envelope whose body has not been parsed, since most are of no interest to anybody. Get it whole with {@link unfolded}. */
export class FoldedMessage implements MessageHead {
  readonly type = 'message' as const;
  readonly id: EventId;
  readonly self: SelfId;
  readonly pool: PoolName;
  readonly conversation: ConversationKey;
  readonly receivedAt: number;
  readonly scene: Scene;
  readonly sender: MessageHead['sender'];
  readonly own: boolean;
  readonly text: string;
  /** The bytes of the envelope, until the body was read: they must not stay for as long as a handler takes. */
  #bytes: Buffer | undefined;
  #whole: MessageEvent | undefined;

  /** `head`: checked by who reads the envelope. `from`, `to`: where its body stands in `bytes`. */
  constructor(
    head: HeadFields,
    bytes: Buffer,
    private readonly from: number,
    private readonly to: number,
  ) {
    const [id, self, pool, conversation, receivedAt, scene, user, role, own, text] = head as unknown as Branded;
    this.id = id;
    this.self = self;
    this.pool = pool;
    this.conversation = conversation;
    this.receivedAt = receivedAt;
    this.scene = scene;
    this.sender = role === null ? { userId: user } : { userId: user, role };
    this.own = own;
    this.text = text;
    this.#bytes = bytes;
  }

  /** The same object every time. Throws ENVELOPE_INVALID when its body is none. */
  unfold(): MessageEvent {
    if (this.#bytes) {
      this.#whole = this.#read(this.#bytes.toString('utf8', this.from, this.to));
      this.#bytes = undefined;
    }
    if (this.#whole) return this.#whole;
    throw new RookeryError('ENVELOPE_INVALID', `the body of event ${this.id} in its envelope is not that of a message`);
  }

  /** Undefined when it is no body. What is in one was written by a connector and is trusted, as that of other events is. */
  #read(json: string): MessageEvent | undefined {
    const body = bodyIn(json);
    if (!body) return undefined;
    const { type, id, self, pool, conversation, receivedAt, scene, own, text } = this;
    const [time, subType, messageId, seq, nickname, card, title, folded, rare] = body;
    const segments = unfoldSegments(folded, text);
    if (!segments) return undefined;
    const { userId, role } = this.sender;
    const sender: Mutable<Sender> = { userId, nickname, card };
    if (role !== undefined) sender.role = role;
    if (title !== null) sender.title = title;
    const event: Mutable<MessageEvent> = {
      type,
      id,
      self,
      pool,
      conversation,
      time,
      receivedAt,
      scene,
      subType,
      sender,
      segments,
      text,
      own,
    };
    if (messageId !== null) event.messageId = messageId as MessageId;
    if (seq !== null) event.seq = seq as MessageSeq;
    return rare === null ? event : Object.assign(event, rare);
  }
}

type Branded = readonly [
  ...[EventId, SelfId, PoolName, ConversationKey],
  ...[number, Scene, MessageHead['sender']['userId'], HeadFields[7], boolean, string],
];

const BODY_LENGTH = 9;
const SEGMENTS = 7;

function bodyIn(json: string): BodyFields | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(body) || body.length !== BODY_LENGTH) return undefined;
  const segments = body[SEGMENTS] as unknown;
  if (!Array.isArray(segments) || !segments.every(isSegment)) return undefined;
  return body as unknown as BodyFields;
}

function isSegment(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0;
  return typeof value === 'object' && value !== null && 'type' in value && 'data' in value;
}

/** Messages, of which nearly all are wanted by nobody, are only read as far as it takes to find that out. */
export type EnvelopeEvent = Event | FoldedMessage;

/** The whole event. Throws ENVELOPE_INVALID when it is a message whose body is none. */
export function unfolded(event: EnvelopeEvent): Event {
  return event instanceof FoldedMessage ? event.unfold() : event;
}
