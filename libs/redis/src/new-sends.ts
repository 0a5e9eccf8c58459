import type { Clock, SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { JointCalls, type JointEntry } from './joint-calls';
import { keys } from './keys';
import { jointScript, type OfAccount } from './outgoing-script';
import { PUT_SENDS } from './scripts/outgoing/put-sends';

export interface NewSend {
  readonly job: string;
  readonly name: string;
  /** As BullMQ counts them: smaller goes first. */
  readonly priority: number;
  /** Of the job, as BullMQ reads them from JSON. */
  readonly options: string;
  /** The action as JSON. */
  readonly data: string;
  /** As {@link traceOf} makes it. */
  readonly trace: string;
}

const PER_CALL = 64;
/** Characters of one call: pictures travel inside their actions, and no call shall hold Redis up for long. */
const CALL_LENGTH = 256 * 1024;

type Addressed = JointEntry<NewSend, SelfId>;

/**
 * Puts actions into the queues of accounts; those of several accounts travel together. An account whose keys are spoilt holds up and fails no
 * other one.
 */
export class NewSends {
  readonly #calls: JointCalls<NewSend, void, SelfId>;
  readonly #script: ReturnType<typeof jointScript>;

  constructor(
    redis: Redis,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#script = jointScript(redis, undefined);
    this.#calls = new JointCalls({ isCluster: redis.isCluster, max: PER_CALL, run: (sends) => this.#put(sends) });
  }

  /**
   * Resolves when it is in the account's queue, behind what was put before it. Rejects when Redis did not answer, and may have it all
   * the same: the same one put again is recognised by its id.
   */
  put(self: SelfId, send: NewSend): Promise<void> {
    return this.#calls.add(self, send);
  }

  async #put(sends: readonly Addressed[]): Promise<readonly (void | Error)[]> {
    const refused = new Map<SelfId, Error>();
    for (const call of calls(sends)) {
      const answers = await this.#script(PUT_SENDS, [this.clock.now()], byAccount(call));
      for (const [self, answer] of answers) if (answer instanceof Error) refused.set(self, answer);
    }
    return sends.map(({ key }) => refused.get(key));
  }
}

function byAccount(sends: readonly Addressed[]): readonly OfAccount[] {
  const accounts = new Map<SelfId, NewSend[]>();
  for (const { key, entry } of sends) {
    const own = accounts.get(key);
    if (own) own.push(entry);
    else accounts.set(key, [entry]);
  }
  return [...accounts].map(([self, own]) => ({
    self,
    args: [own.length, ...own.flatMap((one) => [one.job, one.name, one.priority, one.options, one.data, one.trace])],
    named: [keys.outgoing(self, 'pc')],
  }));
}

function calls(sends: readonly Addressed[]): readonly (readonly Addressed[])[] {
  const all: Addressed[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const send of sends) {
    length += send.entry.data.length;
    if (length > CALL_LENGTH) {
      all.push([]);
      length = send.entry.data.length;
    }
    all.at(-1)?.push(send);
  }
  return all;
}
