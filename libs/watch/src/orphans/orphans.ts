import { EventEmitter } from 'node:events';
import {
  MINUTE,
  parseAction,
  toError,
  type Action,
  type ActionResult,
  type Clock,
  type SelfId,
} from '@rookery/protocol';
import { actionJobId } from '@rookery/queues';
import type { ActionAccounts, ActionClaims, OpenAction, OutgoingSends, WaitingReads } from '@rookery/redis';

/** What is known of an action that has ended here. */
export type Orphan = Pick<Action, 'id' | 'self' | 'name' | 'lane' | 'replyTo'>;

export interface OrphansEvents {
  /** It ended with nobody to carry it out; whoever asked is to be told. */
  ended: [orphan: Orphan, result: ActionResult];
  trouble: [error: Error];
}

export interface OrphansOptions {
  readonly accounts: Pick<ActionAccounts, 'all' | 'forget'>;
  /** Accounts that a connector holds now: their actions are its business. */
  readonly held: () => Promise<ReadonlySet<string>>;
  readonly sends: Pick<OutgoingSends, 'next' | 'end' | 'setAside'>;
  readonly reads: Pick<WaitingReads, 'expired' | 'end'>;
  readonly claims: Pick<ActionClaims, 'endUnbegun' | 'open' | 'find' | 'record' | 'forgetOpen'>;
  readonly clock: Clock;
}

/** Ended per account and sweep: a sweep of many accounts is to come to its end. */
const MOST_PER_ACCOUNT = 500;
/** Accounts looked at at a time. */
const AT_A_TIME = 20;
/** A connector that takes the account over within this finds out itself what came of an action that was begun. */
const BEGUN_MS = MINUTE;
/** By then nobody would find out any more (the connectors' search takes ten minutes). */
const SOUGHT_MS = 11 * MINUTE;
/** An account that nobody has asked for so long is looked at no more, once nothing waits. */
const KEPT_MS = 60 * MINUTE;

/**
 * Ends what waits for accounts that no connector holds: removed ones, unknown ones, and all those for which there is no connector
 * left. Nothing is ended before its time: an action that is not begun by its expiry is `not_sent`, one that a dead connector had begun
 * is `unknown`. Everything here may be done by two at once, or stopped anywhere: the claim decides, and the job goes last.
 */
export class Orphans extends EventEmitter<OrphansEvents> {
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(private readonly options: OrphansOptions) {
    super();
  }

  /** One look at all of them; a second one at the same time is the same. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((thrown: unknown) => void this.emit('trouble', toError(thrown)))
      .finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  /** Begins nothing more and resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const [accounts, held] = await Promise.all([this.options.accounts.all(), this.options.held()]);
    const orphaned = accounts.filter((self) => !held.has(self));
    for (let at = 0; at < orphaned.length && !this.#stopped; at += AT_A_TIME) {
      await Promise.all(orphaned.slice(at, at + AT_A_TIME).map((self) => this.#sweepOne(self)));
    }
  }

  async #sweepOne(self: SelfId): Promise<void> {
    try {
      await this.#endSends(self);
      await this.#endReads(self);
      await this.#endBegun(self);
      await this.options.accounts.forget(self, this.options.clock.now() - KEPT_MS);
    } catch (thrown) {
      // The others go on; this one is looked at again.
      this.emit('trouble', toError(thrown));
    }
  }

  async #endSends(self: SelfId): Promise<void> {
    const { sends } = this.options;
    for (let ended = 0; ended < MOST_PER_ACCOUNT && !this.#stopped; ended++) {
      const answer = await sends.next(self, { lanes: [], shutKinds: [], inHand: [] });
      if (answer.kind === 'none' && !answer.left) return;
      const found = answer.kind === 'found' ? answer.found[0] : undefined;
      if (found === undefined) continue;
      const action = actionIn(found.data);
      if (action === undefined) {
        await sends.setAside(self, found.job, 'ENVELOPE_INVALID: not an action');
        continue;
      }
      // One that is begun has no expiry any more, so it was not found for that; should it be, it is told below.
      await this.#end(action);
      await sends.end(self, found.job);
    }
  }

  async #endReads(self: SelfId): Promise<void> {
    const { reads, claims, clock } = this.options;
    for (const { job, action } of await reads.expired(self)) {
      if (!(await this.#end(action))) {
        // Whoever began it is gone; a read changes nothing, so it is certain that nothing happened.
        const message = `${action.name} was begun by a connector that did not live to tell what it read`;
        const error = { code: 'ACTION_NO_REPLY', message } as const;
        const { id } = action;
        this.emit('ended', action, await claims.record({ id, self, outcome: 'not_sent', error, endedAt: clock.now() }));
      }
      await reads.end(self, job);
    }
  }

  /** False when it was begun, so that this is not the place to end it. */
  async #end(action: Action): Promise<boolean> {
    const { id, self, name } = action;
    const message = `${name} waited past its expiry and no connector holds account ${self}; nothing was sent`;
    const error = { code: 'ACTION_EXPIRED', message } as const;
    const expired = { id, self, outcome: 'not_sent', error, endedAt: this.options.clock.now() } as const;
    const stands = await this.options.claims.endUnbegun(expired);
    if (stands !== undefined) this.emit('ended', action, stands);
    return stands !== undefined;
  }

  async #endBegun(self: SelfId): Promise<void> {
    const { claims, sends, clock } = this.options;
    const open = (await claims.open(self)).filter(({ at }) => clock.now() - at > BEGUN_MS);
    for (const action of open.slice(0, MOST_PER_ACCOUNT)) {
      if ((await claims.find(self, action.id)) === undefined) {
        // It stays among the open ones: a connector that comes in time still finds out.
        this.emit('ended', { ...action, self }, await claims.record(this.#unknown(self, action), { isSought: true }));
        await sends.end(self, actionJobId(action.id));
      } else if (clock.now() - action.at > SOUGHT_MS) {
        await sends.end(self, actionJobId(action.id));
        await claims.forgetOpen(self, [action.id]);
      }
    }
  }

  #unknown(self: SelfId, { id, name }: OpenAction): ActionResult {
    const message = `${name} was begun by a connector that did not live to tell, and none holds account ${self}; it is not sent again`;
    const error = { code: 'ACTION_OUTCOME_UNKNOWN', message } as const;
    return { id, self, outcome: 'unknown', error, endedAt: this.options.clock.now() };
  }
}

/** Undefined for what is not of our making: it is left for a person to look at. */
function actionIn(data: string): Action | undefined {
  try {
    return parseAction(JSON.parse(data));
  } catch {
    return undefined;
  }
}
