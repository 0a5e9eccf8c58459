import { SECOND, type Clock, type ConversationKey, type MessageHead, type UserId } from '@rookery/protocol';
import { RecentMap } from './recent-map';

export interface BrakeLimits {
  /** Turns of one sender within {@link windowMs} after which it is ignored; 0: never. */
  readonly turns: number;
  readonly windowMs: number;
  readonly ignoreMs: number;
}

type Received = Pick<MessageHead, 'self' | 'receivedAt'>;

interface Talk {
  /** Monotonic; when a handler last ended on what this sender said. */
  answeredAt: number;
  /** On what, as each account received it, and how long its handler took, milliseconds. */
  copies: readonly Received[];
  tookMs: number;
  /** Times of its turns, oldest first. */
  turns: number[];
  ignoredUntil: number;
}

/** Nobody reads an answer and types the next command in less, six times in a row. */
const TURN_MS = 2 * SECOND;
const CONVERSATIONS = 5_000;
const SENDERS = 50;

/**
 * Stops ping-pong with bots that are not of the fleet. A turn is a message for a handler that comes within two seconds after we
 * answered the same sender; whoever takes longer is a human, and the count of everybody in the conversation starts anew. What was received
 * before the answer can have been made is no turn: NapCat hands over what was said in many seconds at once when it was held up.
 */
export class Brake {
  readonly #conversations = new RecentMap<ConversationKey, Map<UserId, Talk>>(CONVERSATIONS);

  constructor(
    private readonly clock: Clock,
    private readonly limits: BrakeLimits,
  ) {}

  /**
   * For every message of others, as it comes in; `wanted`: there is a handler for it. `braked`: from now on its sender is ignored
   * in this conversation; `ignored`: it is being ignored.
   */
  heard(message: MessageHead, wanted: boolean): 'free' | 'braked' | 'ignored' {
    const { conversation, sender, receivedAt } = message;
    const talks = this.#conversations.get(conversation);
    if (!talks) return 'free';
    const now = this.clock.monotonic();
    const talk = talks.get(sender.userId);
    if (talk && now < talk.ignoredUntil) return 'ignored';
    // A backlog makes messages follow each other that were said minutes apart.
    const fresh = this.clock.now() - receivedAt <= TURN_MS;
    if (!fresh || !talk || now - talk.answeredAt > TURN_MS) {
      // Nearly all are empty already, and every message of the conversation passes here.
      for (const other of talks.values()) if (other.turns.length > 0) other.turns = [];
      return 'free';
    }
    if (!wanted || isFromBefore(message, talk)) return 'free';
    talk.turns = [...talk.turns.filter((at) => now - at < this.limits.windowMs), now];
    if (talk.turns.length < this.limits.turns) return 'free';
    talk.ignoredUntil = now + this.limits.ignoreMs;
    talk.turns = [];
    return 'braked';
  }

  /** Handlers have ended on this message after `tookMs`, and may have answered. `copies`: those of it that have come. */
  answered({ conversation, sender }: MessageHead, copies: readonly Received[], tookMs: number): void {
    if (this.limits.turns === 0) return;
    const talks = this.#conversations.getOr(conversation, () => new Map<UserId, Talk>());
    const { turns = [], ignoredUntil = 0 } = talks.get(sender.userId) ?? {};
    talks.delete(sender.userId);
    talks.set(sender.userId, { answeredAt: this.clock.monotonic(), copies, tookMs, turns, ignoredUntil });
    if (talks.size <= SENDERS) return;
    const [oldest] = talks.keys();
    if (oldest !== undefined) talks.delete(oldest);
  }
}

/** By the stamps of one account, which one clock has made: those of another connector may differ. */
function isFromBefore({ self, receivedAt }: Received, { copies, tookMs }: Talk): boolean {
  const answered = copies.find((copy) => copy.self === self);
  return answered !== undefined && receivedAt - answered.receivedAt < tookMs;
}
