import { partitionOf, selfId, type ConversationKey, type SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { PartitionBatches } from './partition-batches';
import { runScript } from './run-script';
import { SAVE_ASSIGNEES } from './scripts/save-assignees';

const PER_PARTITION = 50_000;
const BATCH = 256;

/** Which account answers in a group, kept where the next worker of the group's partition finds it. */
export class Assignees {
  readonly #loads: PartitionBatches<ConversationKey, string | null>;
  readonly #saves: PartitionBatches<readonly [ConversationKey, SelfId], undefined>;

  constructor(
    private readonly redis: Redis,
    private readonly partitions: number,
    private readonly perPartition = PER_PARTITION,
  ) {
    this.#loads = new PartitionBatches({
      max: BATCH,
      run: (partition, groups) => redis.hmget(keys.assignees(partition), ...groups),
    });
    this.#saves = new PartitionBatches({ max: BATCH, run: (partition, pairs) => this.#save(partition, pairs) });
  }

  async load(group: ConversationKey): Promise<SelfId | undefined> {
    const stored = await this.#loads.add(partitionOf(group, this.partitions), group);
    return stored === null ? undefined : selfId(stored);
  }

  async save(group: ConversationKey, assignee: SelfId): Promise<void> {
    await this.#saves.add(partitionOf(group, this.partitions), [group, assignee]);
  }

  async #save(partition: number, pairs: readonly (readonly [ConversationKey, SelfId])[]): Promise<undefined[]> {
    await runScript(this.redis, SAVE_ASSIGNEES, [keys.assignees(partition)], [this.perPartition, ...pairs.flat()]);
    return pairs.map(() => undefined);
  }
}

/** Which account an operator wants to answer in a group, whatever the policy of its pool says. For the whole cluster. */
export class GroupAssignments {
  constructor(private readonly redis: Redis) {}

  async set(group: ConversationKey, assignee: SelfId): Promise<void> {
    await this.redis.hset(keys.assignments(), group, assignee);
  }

  /** False: there was none. */
  async remove(group: ConversationKey): Promise<boolean> {
    return (await this.redis.hdel(keys.assignments(), group)) === 1;
  }

  async all(): Promise<Map<ConversationKey, SelfId>> {
    const entries = Object.entries(await this.redis.hgetall(keys.assignments()));
    return new Map(entries.map(([group, assignee]) => [group as ConversationKey, selfId(assignee)]));
  }
}
