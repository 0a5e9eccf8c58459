import { Queue } from 'bullmq';
import { actionKind, chatOf, systemClock, type Action, type Clock, type Lane, type SelfId } from '@rookery/protocol';
import { ActionAccounts, NewSends, NOTED_AGAIN_MS, traceOf } from '@rookery/redis';
import { actionJob, PRIORITY, readQueueName } from './catalogue';
import { PRODUCER_OPTIONS, type SharedQueueBackend } from './queue-backend';

/**
 * Tells the connectors that accounts have new work, and which of them have something to look up. Losing it costs a delay, not an
 * action.
 */
export type AnnounceWork = (accounts: readonly SelfId[], reads: readonly SelfId[]) => void;

/**
 * So often at most: a connector that is told of several at once finds them in one look. Whoever publishes now and then is announced at
 * once.
 */
const ANNOUNCED_AGAIN_MS = 2;

/** BullMQ refuses ids that are integers or hold a colon; the prefix excludes the one, the action id's form the other. */
export const actionJobId = (id: string): string => `a-${id}`;

/** Puts actions into the queues of their accounts. */
export class ActionPublisher {
  readonly #reads = new Map<SelfId, Queue>();
  readonly #sends: NewSends;
  readonly #waiting = new Set<SelfId>();
  readonly #waitingReads = new Set<SelfId>();
  #announcedAt = Number.NEGATIVE_INFINITY;
  readonly #accounts: ActionAccounts;
  /** When accounts were noted last. */
  readonly #noted = new Map<SelfId, number>();

  constructor(
    private readonly backend: SharedQueueBackend,
    private readonly announce: AnnounceWork,
    private readonly clock: Clock = systemClock,
  ) {
    this.#accounts = new ActionAccounts(backend.redis);
    this.#sends = new NewSends(backend.redis, clock);
  }

  /**
   * Resolves when Redis has stored the action. Rejects within about a second otherwise; it may have been stored all the same, so
   * only the same action (same id) may be published again.
   */
  async publish(action: Action): Promise<void> {
    if (!this.#isNoted(action.self)) await this.#note(action.self);
    await (action.lane === 'read' ? this.#read(action) : this.#send(action, action.lane));
    if (this.#waiting.size === 0) this.#announceSoon();
    this.#waiting.add(action.self);
    if (action.lane === 'read') this.#waitingReads.add(action.self);
  }

  /** Before the action is stored: whatever becomes of the account, what waits for it is found. */
  async #note(self: SelfId): Promise<void> {
    const now = this.clock.now();
    await this.#accounts.note(self, now);
    this.#noted.set(self, now);
  }

  #isNoted(self: SelfId): boolean {
    return Math.abs(this.clock.now() - (this.#noted.get(self) ?? -Infinity)) < NOTED_AGAIN_MS;
  }

  #announceSoon(): void {
    const waitMs = this.#announcedAt + ANNOUNCED_AGAIN_MS - this.clock.monotonic();
    if (waitMs > 0) this.clock.after(waitMs, () => this.#announceAll());
    else setImmediate(() => this.#announceAll());
  }

  #announceAll(): void {
    this.#announcedAt = this.clock.monotonic();
    const [accounts, reads] = [[...this.#waiting], [...this.#waitingReads]];
    this.#waiting.clear();
    this.#waitingReads.clear();
    this.announce(accounts, reads);
  }

  #send(action: Action, lane: Exclude<Lane, 'read'>): Promise<void> {
    return this.#sends.put(action.self, {
      job: actionJobId(action.id),
      name: sendName(action, lane),
      priority: PRIORITY[lane],
      options: SEND_OPTIONS[lane],
      data: JSON.stringify(action),
      trace: traceOf(action),
    });
  }

  async #read(action: Action): Promise<void> {
    const { self, name, id } = action;
    let queue = this.#reads.get(self);
    if (!queue) {
      const options = { ...PRODUCER_OPTIONS, connection: this.backend.redis };
      queue = new Queue(readQueueName(self), options, this.backend.factory);
      this.#reads.set(self, queue);
    }
    await queue.add(name, action, { jobId: actionJobId(id), ...actionJob('read') });
  }
}

const SEND_OPTIONS = {
  interactive: JSON.stringify(actionJob('interactive')),
  normal: JSON.stringify(actionJob('normal')),
  bulk: JSON.stringify(actionJob('bulk')),
} as const;

const SPACE = /\s+/g;

/**
 * What orders and paces a job, where scripts can read it without its data: action, lane, kind, expiry in ms since 1970, and the chat
 * that it reaches. A name of an action that is no word cannot be among them; NapCat has none.
 */
function sendName(action: Action, lane: Exclude<Lane, 'read'>): string {
  const { name, expiresAt } = action;
  const chat = chatOf(action);
  return `${name.replaceAll(SPACE, '_')} ${lane} ${actionKind(name, chat)} ${Math.ceil(expiresAt)} ${chat}`;
}
