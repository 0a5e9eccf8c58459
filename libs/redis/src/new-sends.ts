import type { Clock, SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { PartitionBatches } from './partition-batches';
import { keys } from './keys';
import { outgoingScript } from './outgoing-script';
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

/** Puts actions into the queues of accounts: what one turn of the event loop wants of an account travels together. */
export class NewSends {
  readonly #batches: PartitionBatches<NewSend, void, SelfId>;
  readonly #script: ReturnType<typeof outgoingScript>;

  constructor(
    redis: Redis,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#script = outgoingScript(redis, undefined);
    this.#batches = new PartitionBatches({ max: PER_CALL, run: (self, sends) => this.#put(self, sends) });
  }

  /**
   * Resolves when it is in the account's queue, behind what was put before it. Rejects when Redis did not answer, and may have it all
   * the same: the same one put again is recognised by its id.
   */
  async put(self: SelfId, send: NewSend): Promise<void> {
    await this.#batches.add(self, send);
  }

  async #put(self: SelfId, sends: readonly NewSend[]): Promise<readonly void[]> {
    for (const call of calls(sends)) {
      const each = call.flatMap(({ job, name, priority, options, data, trace }) => {
        return [job, name, priority, options, data, trace];
      });
      await this.#script(PUT_SENDS, self, [this.clock.now(), ...each], [keys.outgoing(self, 'pc')]);
    }
    return sends.map(() => undefined);
  }
}

function calls(sends: readonly NewSend[]): readonly (readonly NewSend[])[] {
  const all: NewSend[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const send of sends) {
    length += send.data.length;
    if (length > CALL_LENGTH) {
      all.push([]);
      length = send.data.length;
    }
    all.at(-1)?.push(send);
  }
  return all;
}
