import {
  contentOfSegments,
  SlotMap,
  targetText,
  type ActionId,
  type Clock,
  type MessageEvent,
  type MessageId,
} from '@rookery/protocol';
import { EqualSends, type OwnMessage } from './equal-sends';

/** What tells equal sends: their chat and what they say. */
export interface Likeness {
  /** As `targetText` writes it. */
  readonly target: string;
  /** As `contentOf` computes it. */
  readonly content: string;
}

/** A message whose send was answered stays accounted for as long as its report may come, or history may show it. */
const ACCOUNTED_MS = 30_000;
/** So seldom what is older is looked for: a map that loses its first entries one by one is searched from its former beginning each time. */
const FORGET_EVERY_MS = 1_000;

/** All that one account has under way or in doubt, by what it says and where. */
export class AccountSearch {
  readonly #equals = new SlotMap<string, EqualSends>();
  /** Messages of answered sends → when that was learned, monotonic. */
  readonly #accounted = new Map<MessageId, number>();
  #forgotAt = 0;

  constructor(private readonly clock: Clock) {}

  begin(id: ActionId, likeness: Likeness): void {
    this.#of(likeness).begin(id);
  }

  doubt(id: ActionId, likeness: Likeness, begunAt: number): void {
    this.#of(likeness).doubt(id, begunAt);
  }

  /** It ended, without a message that is known. */
  end(id: ActionId, likeness: Likeness): void {
    const equals = this.#equals.get(keyOf(likeness));
    equals?.end(id);
    if (equals?.isIdle === true) this.#equals.delete(keyOf(likeness));
  }

  /** It was answered with this message; returns what was seen of it. */
  answered(id: ActionId, likeness: Likeness, messageId: MessageId): OwnMessage | undefined {
    this.account(messageId);
    const seen = this.#equals.get(keyOf(likeness))?.account(messageId);
    this.end(id, likeness);
    return seen;
  }

  /** The message is no send's that is in doubt. */
  account(messageId: MessageId): void {
    const now = this.clock.monotonic();
    this.#accounted.delete(messageId);
    this.#accounted.set(messageId, now);
    if (now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    // While something is in doubt, history may show messages that are older.
    for (const equals of this.#equals.values()) if (equals.isDoubtful) return;
    for (const [id, at] of this.#accounted) {
      if (now - at < ACCOUNTED_MS) return;
      this.#accounted.delete(id);
    }
  }

  /** One of the account's own messages, live or from history. Says whether it may be one that is looked for. */
  see(event: MessageEvent): Likeness | undefined {
    if (this.#equals.size === 0 || event.messageId === undefined || this.#accounted.has(event.messageId))
      return undefined;
    const { scene, messageId, seq, time } = event;
    if (scene.kind === 'guild') return undefined;
    const likeness = { target: targetText(scene), content: contentOfSegments(event.segments) };
    this.#equals.get(keyOf(likeness))?.see({ messageId, time, ...(seq !== undefined && { seq }) });
    return likeness;
  }

  /** What is known now of equal sends that were in doubt. */
  decide(likeness: Likeness): ReadonlyMap<ActionId, OwnMessage> {
    const equals = this.#equals.get(keyOf(likeness));
    const decided = equals?.decide() ?? new Map<ActionId, OwnMessage>();
    for (const { messageId } of decided.values()) this.account(messageId);
    if (equals?.isIdle === true) this.#equals.delete(keyOf(likeness));
    return decided;
  }

  #of(likeness: Likeness): EqualSends {
    const key = keyOf(likeness);
    let equals = this.#equals.get(key);
    if (!equals) this.#equals.set(key, (equals = new EqualSends()));
    return equals;
  }
}

const keyOf = ({ target, content }: Likeness): string => `${target} ${content}`;
