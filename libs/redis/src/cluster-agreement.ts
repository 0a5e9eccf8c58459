import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { RookeryError, SECOND, toError, type Clock } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import { AGREE } from './scripts/agree';

export interface ClusterAgreementEvents {
  /** Redis had lost it, and with it, most likely, everything else; it has it again. */
  restored: [];
  /** Others have agreed on another number while Redis had lost it: this node must not go on. */
  partitionsDiffer: [error: RookeryError];
  /** The same of the seed, which is that of the others now: whoever has used the one before must start anew. */
  reseeded: [error: RookeryError];
  trouble: [error: Error];
}

/** How often is looked whether Redis still has it: for so long nodes that start while it does not may have another seed. */
const LOOK_MS = 5 * SECOND;

const answer = z.tuple([z.number(), z.coerce.number(), z.string(), z.string()]);

interface Agreed {
  readonly partitions: number;
  /** A secret that all nodes share: chance of plugins comes from it, so that a handler that is run again elsewhere draws the same. */
  readonly seed: string;
  /** Redis time in µs, as Redis wrote it. */
  readonly since: string;
}

/**
 * What all nodes of a cluster must agree on: the first one records it, every later one takes it over. A Redis that was emptied under them
 * gets it again from whoever looks first.
 */
export class ClusterAgreement extends EventEmitter<ClusterAgreementEvents> {
  #cancel = (): void => undefined;
  #isStopped = false;

  private constructor(
    private readonly redis: Redis,
    private readonly clock: Pick<Clock, 'after'>,
    private agreed: Agreed,
  ) {
    super();
  }

  /**
   * Rejects with PARTITIONS_DIFFER when the cluster has another number of partitions: it would send one conversation to two
   * consumers.
   */
  static async join(redis: Redis, partitions: number, clock: Pick<Clock, 'after'>): Promise<ClusterAgreement> {
    const { agreed } = await agree(redis, { partitions, seed: randomBytes(32).toString('hex'), since: '' });
    if (agreed.partitions !== partitions) throw partitionsDiffer(partitions, agreed.partitions);
    return new ClusterAgreement(redis, clock, agreed);
  }

  get seed(): string {
    return this.agreed.seed;
  }

  /** Looks after it from now on. */
  start(): void {
    if (this.#isStopped) return;
    this.#cancel = this.clock.after(LOOK_MS, () => void this.#look().finally(() => this.start()));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    try {
      const { restored, agreed } = await agree(this.redis, this.agreed);
      if (restored) this.emit('restored');
      const before = this.agreed;
      this.agreed = agreed;
      if (agreed.partitions !== before.partitions)
        this.emit('partitionsDiffer', partitionsDiffer(before.partitions, agreed.partitions));
      else if (agreed.seed !== before.seed) this.emit('reseeded', seedsDiffer());
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
  }
}

async function agree(redis: Redis, known: Agreed): Promise<{ readonly restored: boolean; readonly agreed: Agreed }> {
  const args = [known.since, known.partitions, known.seed];
  const [restored, partitions, seed, since] = answer.parse(await runScript(redis, AGREE, [keys.cluster()], args));
  return { restored: restored === 1, agreed: { partitions, seed, since } };
}

function partitionsDiffer(configured: number, recorded: number): RookeryError {
  return new RookeryError(
    'PARTITIONS_DIFFER',
    `this node is configured for ${configured} partitions, but the cluster in this Redis uses ${recorded}; ` +
      `set \`partitions: ${recorded}\` in rookery.yaml, or use an empty Redis`,
  );
}

function seedsDiffer(): RookeryError {
  return new RookeryError(
    'CLUSTER_CHANGED',
    'this node was started while Redis had lost what the cluster had agreed on, and holds another seed than the others; ' +
      'it ends, and takes theirs over when it is started again',
  );
}
