import { Queue } from 'bullmq';
import { actionKind, chatOf, systemClock, type Action, type Clock, type SelfId } from '@rookery/protocol';
import { ActionAccounts, NOTED_AGAIN_MS } from '@rookery/redis';
import { actionJob, actionQueueName, readQueueName } from './catalogue';
import { PRODUCER_OPTIONS, type SharedQueueBackend } from './queue-backend';

/** Tells the connectors that accounts have new work. Losing it costs a delay, not an action. */
export type AnnounceWork = (accounts: readonly SelfId[]) => void;

/** BullMQ refuses ids that are integers or hold a colon; the prefix excludes the one, the action id's form the other. */
export const actionJobId = (id: string): string => `a-${id}`;

/** Puts actions into the queues of their accounts. */
export class ActionPublisher {
  readonly #queues = new Map<string, Queue>();
  readonly #waiting = new Set<SelfId>();
  readonly #accounts: ActionAccounts;
  /** When accounts were noted last. */
  readonly #noted = new Map<SelfId, number>();

  constructor(
    private readonly backend: SharedQueueBackend,
    private readonly announce: AnnounceWork,
    private readonly clock: Clock = systemClock,
  ) {
    this.#accounts = new ActionAccounts(backend.redis);
  }

  /**
   * Resolves when Redis has stored the action. Rejects within about a second otherwise; it may have been stored all the same, so
   * only the same action (same id) may be published again.
   */
  async publish(action: Action): Promise<void> {
    await this.#note(action.self);
    const name = action.lane === 'read' ? readQueueName(action.self) : actionQueueName(action.self);
    await this.#queue(name).add(jobName(action), action, { ...actionJob(action.lane), jobId: actionJobId(action.id) });
    if (this.#waiting.size === 0) setImmediate(() => this.#announceAll());
    this.#waiting.add(action.self);
  }

  /** Before the action is stored: whatever becomes of the account, what waits for it is found. */
  async #note(self: SelfId): Promise<void> {
    const now = this.clock.now();
    if (Math.abs(now - (this.#noted.get(self) ?? -Infinity)) < NOTED_AGAIN_MS) return;
    await this.#accounts.note(self, now);
    this.#noted.set(self, now);
  }

  #announceAll(): void {
    const accounts = [...this.#waiting];
    this.#waiting.clear();
    this.announce(accounts);
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { ...PRODUCER_OPTIONS, connection: this.backend.redis }, this.backend.factory);
      this.#queues.set(name, queue);
    }
    return queue;
  }
}

/**
 * What orders and paces a job, where scripts can read it without its data: action, lane, kind, expiry in ms since 1970, and the chat
 * that it reaches. A name of an action that is no word cannot be among them; NapCat has none.
 */
function jobName(action: Action): string {
  const { name, lane, expiresAt } = action;
  if (lane === 'read') return name;
  const chat = chatOf(action);
  return [name.replaceAll(/\s+/g, '_'), lane, actionKind(name, chat), Math.ceil(expiresAt), chat].join(' ');
}
