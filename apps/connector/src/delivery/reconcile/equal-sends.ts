import type { ActionId, MessageId, MessageSeq } from '@rookery/protocol';

/** A message of the account itself, as its NapCat reported it. */
export interface OwnMessage {
  readonly messageId: MessageId;
  readonly seq?: MessageSeq;
  /** Milliseconds since 1970, with a resolution of one second. */
  readonly time: number;
}

/** Clocks of QQ, Redis and this machine differ, and a message's time is cut to the second. */
const SKEW_MS = 5_000;

/**
 * The sends of one account that say the same in the same chat and are not known to have ended, and the messages that were seen there
 * and nobody has accounted for.
 *
 * A message belongs to a send when there is no other way to read it: nothing equal is under way any more, and there are as many
 * messages as sends in doubt. With fewer nobody can tell which of them arrived, and all stay in doubt.
 */
export class EqualSends {
  readonly #underWay = new Set<ActionId>();
  /** Id → when it was begun, milliseconds since 1970. */
  readonly #doubted = new Map<ActionId, number>();
  readonly #seen = new Map<MessageId, OwnMessage>();

  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#doubted.size === 0;
  }

  get isDoubtful(): boolean {
    return this.#doubted.size > 0;
  }

  begin(id: ActionId): void {
    this.#underWay.add(id);
  }

  /** Whether it was sent is not known. */
  doubt(id: ActionId, begunAt: number): void {
    this.#underWay.delete(id);
    this.#doubted.set(id, begunAt);
  }

  /** It is known what became of it, or it is not sought any more. */
  end(id: ActionId): void {
    this.#underWay.delete(id);
    this.#doubted.delete(id);
  }

  see(message: OwnMessage): void {
    this.#seen.set(message.messageId, message);
  }

  /** The message is known to be another send's. */
  account(messageId: MessageId): OwnMessage | undefined {
    const message = this.#seen.get(messageId);
    this.#seen.delete(messageId);
    return message;
  }

  /** The sends that are in doubt no longer, with the message that each became. */
  decide(): ReadonlyMap<ActionId, OwnMessage> {
    const decided = new Map<ActionId, OwnMessage>();
    if (this.#underWay.size > 0 || this.#seen.size < this.#doubted.size) return decided;
    const seen = [...this.#seen.values()].sort(bySequence);
    let at = 0;
    for (const [id, begunAt] of [...this.#doubted].sort(([, one], [, other]) => one - other)) {
      while (at < seen.length && (seen[at]?.time ?? 0) < begunAt - SKEW_MS) at += 1;
      const message = seen[at++];
      if (message === undefined) return new Map();
      decided.set(id, message);
    }
    for (const [id, message] of decided) {
      this.#doubted.delete(id);
      this.#seen.delete(message.messageId);
    }
    return decided;
  }
}

function bySequence(one: OwnMessage, other: OwnMessage): number {
  return one.time - other.time || Number(one.seq ?? 0) - Number(other.seq ?? 0);
}
