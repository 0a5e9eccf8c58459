import { randomUUID } from 'node:crypto';
import { UnrecoverableError, type Job, type Worker } from 'bullmq';
import { parseAction, pause, RookeryError, toError, type Action, type Clock } from '@rookery/protocol';
import { PREFIX, type NextTry } from '@rookery/redis';
import { finishJob } from './finish-job';
import { CONSUMER_OPTIONS, LOCK_MS, type SharedQueueBackend } from './queue-backend';
import { takeOver } from './take-over';
import { TolerantWorker } from './tolerant-worker';

/** One action that was taken from its queue and must be ended by exactly one of `done` and `putBack`. */
export interface TakenAction {
  readonly action: Action;
  /** How often it was tried before, in vain and without effect. */
  readonly tries: number;
  /** Ends the job. Returns the problem when Redis would not have it, in which case the job will be handed out again. */
  done(): Promise<Error | undefined>;
  /** Back to where it was in the queue, to be taken again later; `again`: not before then. */
  putBack(again?: NextTry): Promise<Error | undefined>;
}

export interface ActionSourceOptions {
  readonly backend: SharedQueueBackend;
  readonly queue: string;
  readonly clock: Clock;
  /** A job in the queue was not an action of ours; it is in the failed set. */
  readonly onForeign: (jobId: string, error: RookeryError) => void;
}

/**
 * Takes the actions of one queue one at a time, when asked. Nothing is prefetched: an action stays in Redis until the moment of
 * sending, so that what waits survives this process and can still be reordered, expire or be cancelled.
 */
export class ActionSource {
  readonly #taken = new Map<string, string>();
  /** Most accounts are silent most of the time, and a worker keeps some 8 kB: there is one only while actions come. */
  #worker: Worker | undefined;
  #isIdle = true;

  constructor(private readonly options: ActionSourceOptions) {}

  /** The next action by lane and age, or undefined when none waits. Rejects when Redis is away. */
  async take(): Promise<TakenAction | undefined> {
    if (this.#worker === undefined && !(await this.#hasWork())) return undefined;
    const worker = this.#worker ?? this.#newWorker();
    for (;;) {
      const token = randomUUID();
      const job: Job | undefined = await worker.getNextJob(token, { block: false });
      this.#isIdle = job === undefined;
      // Also when it was dropped while Redis answered: what is in hand is renewed through it.
      this.#worker = worker;
      if (!job) return undefined;
      const id = String(job.id);
      let action: Action;
      try {
        action = parseAction(job.data);
      } catch (thrown) {
        const error = thrown instanceof RookeryError ? thrown : new RookeryError('INTERNAL', toError(thrown).message);
        await finishJob(
          () => job.moveToFailed(new UnrecoverableError(`${error.code}: ${error.message}`), token),
          this.#pause,
        );
        this.options.onForeign(id, error);
        continue;
      }
      this.#taken.set(id, token);
      const end = (how: () => Promise<unknown>) => {
        this.#taken.delete(id);
        return finishJob(how, this.#pause);
      };
      return {
        action,
        done: () => end(() => job.moveToCompleted(null, token, false)),
        tries: triesOf(job.data),
        putBack: (again) => end(() => (again ? this.#delay(job, token, again) : job.moveToWait(token))),
      };
    }
  }

  /** Keeps the actions in hand ours; to be called more often than the lock time (10 s). */
  async renew(): Promise<void> {
    if (this.#taken.size === 0) {
      if (this.#isIdle) this.#worker = undefined;
      this.#isIdle = true;
      return;
    }
    await this.#worker?.extendJobLocks([...this.#taken.keys()], [...this.#taken.values()], LOCK_MS);
  }

  /**
   * Puts back what an earlier holder of the account had in hand, whatever its locks say. Only for who holds the account, and before
   * anything is taken.
   */
  async takeOver(): Promise<number> {
    return await takeOver(this.options.backend.redis, this.options.queue);
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  readonly #pause = (ms: number): Promise<void> => pause(this.options.clock, ms);

  /** Counted before it is put back: a crash in between costs a try, not the bound. */
  async #delay(job: Job, token: string, { tries, ms }: NextTry): Promise<void> {
    await job.updateData({ ...(job.data as object), tries });
    await job.moveToDelayed(this.options.clock.now() + ms, token);
  }

  async #hasWork(): Promise<boolean> {
    const { backend, queue } = this.options;
    const places = ['wait', 'prioritized', 'delayed'].map((part) => `${PREFIX}:${queue}:${part}`);
    return (await backend.redis.exists(...places)) > 0;
  }

  /** It shares the connection, has no loop and no timer: dropping it is all it takes to end it. */
  #newWorker(): Worker {
    const { backend, queue } = this.options;
    const options = { ...CONSUMER_OPTIONS, connection: backend.redis, autorun: false };
    const worker = new TolerantWorker(queue, undefined, options, backend.factory);
    worker.on('error', () => undefined);
    return worker;
  }
}

/** Stands beside the action in the data of its job. */
function triesOf(data: unknown): number {
  const { tries } = data as { readonly tries?: unknown };
  return typeof tries === 'number' ? tries : 0;
}
