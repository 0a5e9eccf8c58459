import {
  actionId,
  broadcastId,
  selfId,
  type ActionId,
  type BroadcastEnd,
  type BroadcastFailure,
  type BroadcastId,
  type BroadcastTarget,
  type ErrorCode,
  type Outcome,
  type SelfId,
} from '@rookery/protocol';
import type { BroadcastRecord } from './broadcast-record';
import { BROADCAST_KEPT_MS, readBroadcast } from './broadcasts';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import {
  CLOSE_BROADCAST,
  END_TARGET,
  GIVE_BACK_TARGET,
  GIVE_UP_TARGETS,
  LIST_TARGETS,
  TAKE_TARGETS,
} from './scripts/broadcasts';

/** A target that an account has to reach now. */
export interface BroadcastHand {
  readonly target: BroadcastTarget;
  readonly self: SelfId;
  /** Counts the accounts and times that the target was in hand, from 1; part of the action's id. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly expiresAt: number;
}

/** The holder's lease has gone to another worker: it must do nothing more for the broadcast. */
export class BroadcastTaken extends Error {}

export interface BroadcastWorkOptions {
  readonly redis: Redis;
  readonly partition: number;
  readonly id: BroadcastId;
  /** Of the lease on the partition. */
  readonly epoch: number;
}

const PART = 500;
const ACCOUNTS_PER_TARGET = 8;
const FAILURES_MAX = 1_000;

/**
 * A broadcast as the worker sees it that carries it out. Every change is fenced by the epoch of the worker's lease and rejects with
 * {@link BroadcastTaken} when a newer holder is known.
 */
export class BroadcastWork {
  #definition: string | undefined;

  constructor(private readonly options: BroadcastWorkOptions) {}

  /** Those of a partition that have not ended. */
  static async open(redis: Redis, partition: number): Promise<BroadcastId[]> {
    return (await redis.smembers(keys.openBroadcasts(partition))).map(broadcastId);
  }

  get id(): BroadcastId {
    return this.options.id;
  }

  /** The id of the action for a hand: the same one for as long as it is not certain that nothing was sent. */
  actionOf({ target, attempt }: Pick<BroadcastHand, 'target' | 'attempt'>): ActionId {
    return actionId(`b.${this.options.id}.${target}.${attempt}`);
  }

  /** Undefined when it is not there any more. What never changes, the message in it, is fetched once. */
  async read(): Promise<BroadcastRecord | undefined> {
    const { redis, partition, id } = this.options;
    this.#definition ??= (await redis.hget(keys.broadcast(partition, id), 'definition')) ?? undefined;
    return this.#definition === undefined ? undefined : readBroadcast(redis, partition, id, this.#definition);
  }

  async hands(): Promise<BroadcastHand[]> {
    const { redis, partition, id } = this.options;
    const entries = Object.entries(await redis.hgetall(keys.broadcastHands(partition, id)));
    return entries.map(([target, text]) => {
      const [self = '', attempt, takenAt, expiresAt] = text.split(' ');
      return {
        target: target as BroadcastTarget,
        self: selfId(self),
        attempt: Number(attempt),
        takenAt: Number(takenAt),
        expiresAt: Number(expiresAt),
      };
    });
  }

  /** Accounts whose groups and friends were taken in. */
  async accounts(): Promise<SelfId[]> {
    const { redis, partition, id } = this.options;
    return (await redis.hkeys(keys.broadcastAccounts(partition, id))).map(selfId);
  }

  /** Takes in what an account can reach; `adds`: targets that are not known yet belong to the broadcast. */
  async listTargets(self: SelfId, targets: readonly BroadcastTarget[], adds: boolean): Promise<void> {
    const { partition, id } = this.options;
    const used = [
      keys.broadcastTargets(partition, id),
      keys.broadcastQueue(partition, id, self),
      keys.broadcastAccounts(partition, id),
    ];
    for (let start = 0; start === 0 || start < targets.length; start += PART) {
      const count = start + PART >= targets.length ? targets.length : '';
      const part = targets.slice(start, start + PART);
      await this.#run(LIST_TARGETS, used, self, adds ? 1 : 0, ACCOUNTS_PER_TARGET, count, ...part);
    }
  }

  /** Nothing while the broadcast is not wanted to run. */
  async take(self: SelfId, count: number, takenAt: number, expiresAt: number): Promise<BroadcastHand[]> {
    const { partition, id } = this.options;
    const used = [
      keys.broadcastTargets(partition, id),
      keys.broadcastHands(partition, id),
      keys.broadcastQueue(partition, id, self),
    ];
    const taken = (await this.#run(TAKE_TARGETS, used, self, count, takenAt, expiresAt)) as (string | number)[];
    return taken.flatMap((target, at) =>
      at % 2 === 0
        ? [{ target: target as BroadcastTarget, self, attempt: Number(taken[at + 1]), takenAt, expiresAt }]
        : [],
    );
  }

  /** Doing it again changes nothing. */
  async end({ target, attempt }: BroadcastHand, outcome: Outcome, failure?: BroadcastFailure): Promise<void> {
    const { partition, id } = this.options;
    const used = [
      keys.broadcastTargets(partition, id),
      keys.broadcastHands(partition, id),
      keys.broadcastFailures(partition, id),
    ];
    const text = failure === undefined ? '' : JSON.stringify(failure);
    await this.#run(END_TARGET, used, target, attempt, outcome, text, FAILURES_MAX);
  }

  /**
   * Lets the target wait for any account that can reach it. Only when it is certain that the hand's action has not been and will
   * not be sent. `unable`: the hand's account cannot reach it, as has turned out. False when nobody is left who can; then nothing was
   * done.
   */
  async giveBack(hand: BroadcastHand, unable: boolean): Promise<boolean> {
    const { redis, partition, id } = this.options;
    const { target, self, attempt } = hand;
    const targets = keys.broadcastTargets(partition, id);
    for (;;) {
      const before = (await redis.hget(targets, target)) ?? '';
      const [letter, count, accounts = ''] = before.split(' ');
      if (letter !== 'h' || Number(count) !== attempt) return true;
      // The others first: should this one be the only one left, it takes it again.
      const others = accounts.split(',').filter((account) => account !== '' && account !== self);
      const able = [...others, ...(unable ? [] : [self])].map(selfId);
      if (able.length === 0) return false;
      const queues = able.map((account) => keys.broadcastQueue(partition, id, account));
      const used = [targets, keys.broadcastHands(partition, id), ...queues];
      if ((await this.#run(GIVE_BACK_TARGET, used, target, before, `p ${attempt} ${able.join(',')}`)) === 1)
        return true;
    }
  }

  /** Gives up what waits; `unreachable`: only what no account can reach. What is in hand stays. */
  async giveUp(code: ErrorCode, message: string, now: number, unreachable: boolean): Promise<void> {
    const { partition, id } = this.options;
    const used = [keys.broadcastTargets(partition, id), keys.broadcastFailures(partition, id)];
    let cursor = '0';
    do {
      const flag = unreachable ? 1 : 0;
      cursor = String(await this.#run(GIVE_UP_TARGETS, used, cursor, flag, code, message, now, FAILURES_MAX));
    } while (cursor !== '0');
  }

  /** False while a target is in hand. */
  async close(end: BroadcastEnd, now: number): Promise<boolean> {
    const { partition, id } = this.options;
    const accounts = await this.accounts();
    const used = [
      keys.openBroadcasts(partition),
      keys.broadcastHands(partition, id),
      keys.broadcastFailures(partition, id),
      keys.broadcastTargets(partition, id),
      keys.broadcastAccounts(partition, id),
      ...accounts.map((self) => keys.broadcastQueue(partition, id, self)),
    ];
    return (await this.#run(CLOSE_BROADCAST, used, id, end, now, BROADCAST_KEPT_MS)) === 1;
  }

  async #run(script: string, used: readonly string[], ...args: (string | number)[]): Promise<unknown> {
    const { redis, partition, id, epoch } = this.options;
    const all = [keys.broadcast(partition, id), ...used];
    const answer = await runScript(redis, script, all, [epoch, ...args]);
    if (answer === 'stale') throw new BroadcastTaken(`broadcast ${id} is carried out by a newer holder`);
    return answer;
  }
}
