import { Queue } from 'bullmq';
import { actionKind, chatOf, type Action, type SelfId } from '@rookery/protocol';
import { PREFIX } from '@rookery/redis';
import { actionJob, actionQueueName, readQueueName } from './catalogue';
import type { SharedQueueBackend } from './queue-backend';

/** Tells the connectors that accounts have new work. Losing it costs a delay, not an action. */
export type AnnounceWork = (accounts: readonly SelfId[]) => void;

/** BullMQ refuses ids that are integers or hold a colon; the prefix excludes the one, the action id's form the other. */
export const actionJobId = (id: string): string => `a-${id}`;

/** Puts actions into the queues of their accounts. */
export class ActionPublisher {
  readonly #queues = new Map<string, Queue>();
  readonly #waiting = new Set<SelfId>();

  constructor(
    private readonly backend: SharedQueueBackend,
    private readonly announce: AnnounceWork,
  ) {}

  /**
   * Resolves when Redis has stored the action. Rejects within about a second otherwise; it may have been stored all the same, so
   * only the same action (same id) may be published again.
   */
  async publish(action: Action): Promise<void> {
    const name = action.lane === 'read' ? readQueueName(action.self) : actionQueueName(action.self);
    await this.#queue(name).add(jobName(action), action, { ...actionJob(action.lane), jobId: actionJobId(action.id) });
    if (this.#waiting.size === 0) setImmediate(() => this.#announceAll());
    this.#waiting.add(action.self);
  }

  #announceAll(): void {
    const accounts = [...this.#waiting];
    this.#waiting.clear();
    this.announce(accounts);
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { connection: this.backend.redis, prefix: PREFIX }, this.backend.factory);
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
