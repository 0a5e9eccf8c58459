import {
  broadcastId,
  broadcastPartition,
  checkBroadcast,
  SECOND,
  toError,
  type Action,
  type ActionResult,
  type BroadcastInput,
  type Clock,
  type Outcome,
  type SelfId,
} from '@rookery/protocol';
import { Broadcasts, BroadcastWork, type Redis } from '@rookery/redis';
import { BroadcastRun } from './broadcast-run';
import { Listing } from './listing';
import type { PoolAccount } from './pool-accounts';
import { Reach } from './reach';
import { Sending } from './sending';

type Answer = Pick<ActionResult, 'outcome' | 'error' | 'data'>;

const PARTITIONS = 4;
export const ID = broadcastId('abcdef');
const PARTITION = broadcastPartition(ID, PARTITIONS);

export const failed = (
  outcome: Exclude<Outcome, 'sent'>,
  code: NonNullable<ActionResult['error']>['code'],
): Answer => ({
  outcome,
  error: { code, message: code },
});
export const sent: Answer = { outcome: 'sent' };

/** A pool of accounts that are in groups, behind connectors that do what the test says; Redis is real. */
export class SpecPool {
  readonly store: Broadcasts;
  accounts: PoolAccount[] = [];
  /** Account → the groups that it is in. */
  groups: Record<string, readonly number[]> = {};
  friends: Record<string, readonly number[]> = {};
  /** What comes of a message; undefined: nothing yet. */
  answer: (action: Action) => Answer | undefined = () => sent;
  mayAct = true;
  /** Every message that was asked for, in order; the same action again is not noted. */
  readonly asked: Action[] = [];
  /** Those that connectors have sent. */
  readonly delivered: string[] = [];
  readonly trouble: string[] = [];
  readonly givenBack: string[] = [];
  readonly #records = new Map<string, ActionResult>();
  readonly #waiting = new Map<string, { readonly action: Action; readonly settle: (result: ActionResult) => void }>();

  constructor(
    private readonly redis: Redis,
    readonly clock: Clock & { advance(ms: number): void },
  ) {
    this.store = new Broadcasts({ redis, partitions: PARTITIONS, clock: this.clock });
  }

  online(...accounts: SelfId[]): void {
    this.accounts = accounts.map((self) => ({ self, online: true, awaited: false }));
  }

  drop(self: SelfId): void {
    this.accounts = this.accounts.map((account) =>
      account.self === self ? { self, online: false, awaited: true } : account,
    );
  }

  create(input: Partial<BroadcastInput> = {}): Promise<void> {
    return this.store.create(ID, checkBroadcast({ to: 'groups', message: 'hello', ...input }), 'cli');
  }

  work(epoch = 1): BroadcastWork {
    return new BroadcastWork({ redis: this.redis, partition: PARTITION, id: ID, epoch });
  }

  run(epoch = 1): BroadcastRun {
    const { clock } = this;
    const work = this.work(epoch);
    const accounts = { look: async () => undefined, of: () => this.accounts };
    const onTrouble = (thrown: unknown) => void this.trouble.push(toError(thrown).message);
    const outbox = {
      ask: (action: Action, signal: AbortSignal) => this.#ask(action, signal),
      resolve: (result: ActionResult) => this.#waiting.get(result.id)?.settle(result),
    };
    const claims = {
      find: async (_self: SelfId, id: string) => this.#records.get(id),
      endUnbegun: async (result: ActionResult) => {
        const stands = this.#records.get(result.id) ?? (this.delivered.includes(result.id) ? undefined : result);
        if (stands) this.#records.set(result.id, stands);
        return stands;
      },
    };
    const run = new BroadcastRun({
      work,
      sending: new Sending({ outbox, claims, actionOf: (hand) => work.actionOf(hand), clock, onTrouble }),
      listing: new Listing({
        reach: new Reach(outbox, clock),
        accounts,
        store: (...rest) => work.listTargets(...rest),
        clock,
        onTrouble,
      }),
      accounts,
      mayAct: () => this.mayAct,
      clock,
      random: () => 0.5,
    });
    run.on('trouble', onTrouble);
    run.on('givenBack', (reason) => void this.givenBack.push(reason));
    return run;
  }

  /** The outcome of a message becomes known now. */
  settle(id: string, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new Error(`nobody waits for ${id}`);
    waiting.settle(this.#recorded(waiting.action, answer));
  }

  /** Moves time on, second by second, until the condition holds. */
  async until(what: string, condition: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (let turn = 0; turn < 20; turn++) {
        if (await condition()) return;
        // What was asked of Redis before is done when this is answered.
        await this.redis.ping();
      }
      this.clock.advance(SECOND);
    }
    throw new Error(`after ${seconds} s of the fake clock it was not so: ${what}`);
  }

  async ended(run: BroadcastRun): Promise<void> {
    let over = false;
    void run.ended.then(() => (over = true));
    await this.until('the broadcast has ended', () => over);
  }

  #ask(action: Action, signal: AbortSignal): { queued: Promise<void>; result: Promise<ActionResult> } {
    const result = new Promise<ActionResult>((settle) => {
      const known = this.#records.get(action.id);
      if (known) return settle(known);
      signal.addEventListener('abort', () => settle(resultOf(action, failed('unknown', 'ACTION_OUTCOME_UNKNOWN'))));
      this.#waiting.set(action.id, { action, settle });
      const answer = action.lane === 'read' ? this.#read(action) : this.#begin(action);
      if (answer !== undefined)
        settle(action.lane === 'read' ? resultOf(action, answer) : this.#recorded(action, answer));
    });
    return { queued: Promise.resolve(), result };
  }

  #begin(action: Action): Answer | undefined {
    if (!this.asked.some(({ id }) => id === action.id)) this.asked.push(action);
    return this.answer(action);
  }

  #read({ name, self }: Action): Answer {
    const [list, field] = name === 'get_group_list' ? [this.groups, 'group_id'] : [this.friends, 'user_id'];
    const numbers = list[self];
    if (numbers === undefined) return failed('not_sent', 'LINK_DOWN');
    return { outcome: 'sent', data: numbers.map((number) => ({ [field]: number })) };
  }

  #recorded(action: Action, answer: Answer): ActionResult {
    const result = resultOf(action, answer);
    if (answer.outcome === 'sent' && !this.delivered.includes(action.id)) this.delivered.push(action.id);
    this.#records.set(action.id, result);
    return result;
  }
}

const resultOf = (action: Action, answer: Answer): ActionResult => ({
  id: action.id,
  self: action.self,
  ...answer,
  endedAt: action.createdAt,
});
