import { chatOf, type Action, type LimitLayerName } from '@rookery/protocol';
import type { Admitted, SendLane } from '@rookery/redis';

/** Times of Redis, milliseconds since 1970. */
interface Shut {
  readonly layer: LimitLayerName;
  readonly from: number;
  readonly till: number;
}

/** Chats whose last shut is remembered; of more than these the waits are told too short. */
const CHATS_MAX = 500;

/**
 * For how long each send shut the account and its chat for the next one. Nobody asks Redis meanwhile, so what waited is known only
 * when it is found.
 */
export class Shuts {
  #account: Shut | undefined;
  #quiet: Shut | undefined;
  /** By lane and chat, the latest last. */
  readonly #chats = new Map<string, Shut>();

  admitted({ now, nextMs, nextBy, chatMs }: Admitted, action: Action, lane: SendLane): void {
    if (nextMs > 0) this.#account = { layer: nextBy, from: now, till: now + nextMs };
    if (chatMs <= 0) return;
    const room = roomOf(action, lane);
    this.#chats.delete(room);
    this.#chats.set(room, { layer: 'conversation', from: now, till: now + chatMs });
    if (this.#chats.size <= CHATS_MAX) return;
    const [oldest] = this.#chats.keys();
    if (oldest !== undefined) this.#chats.delete(oldest);
  }

  /** Only replies leave, from now at the latest until `till`. */
  quiet(now: number, till: number): void {
    const known = this.#quiet;
    const from = known !== undefined && now <= known.till ? known.from : now;
    this.#quiet = { layer: 'quiet_hours', from, till };
  }

  /** The next one is there: tells what kept it, each shut once. */
  found(
    now: number,
    action: Action,
    lane: SendLane,
    tell: (action: Action, layer: LimitLayerName, ms: number) => void,
  ): void {
    if (this.#account === undefined && this.#quiet === undefined && this.#chats.size === 0) return;
    const room = roomOf(action, lane);
    const shuts = [this.#account, this.#chats.get(room), lane === 'interactive' ? undefined : this.#quiet];
    this.#account = undefined;
    this.#chats.delete(room);
    if (lane !== 'interactive') this.#quiet = undefined;
    for (const shut of shuts) {
      if (shut === undefined) continue;
      const ms = Math.min(now, shut.till) - Math.max(action.createdAt, shut.from);
      if (ms > 0) tell(action, shut.layer, ms);
    }
  }
}

const roomOf = (action: Action, lane: SendLane): string => `${lane} ${chatOf(action)}`;
