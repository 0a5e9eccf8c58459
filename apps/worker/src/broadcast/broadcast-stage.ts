import { EventEmitter } from 'node:events';
import { toError, type BroadcastEnd, type BroadcastId, type Clock, type Outcome, type Random } from '@rookery/protocol';
import { BroadcastWork, type AccountBoard, type AccountRegistry, type ActionClaims, type Redis } from '@rookery/redis';
import type { Outbox } from '../outbox';
import { BroadcastRounds, type Running } from './broadcast-rounds';
import { BroadcastRun, type BroadcastRunEvents } from './broadcast-run';
import { Listing } from './listing';
import { PoolAccounts } from './pool-accounts';
import { Reach } from './reach';
import { Sending } from './sending';

export interface BroadcastStageEvents {
  begun: [id: BroadcastId];
  reached: [id: BroadcastId, outcome: Outcome];
  givenBack: [id: BroadcastId, reason: BroadcastRunEvents['givenBack'][0]];
  ended: [id: BroadcastId, end: BroadcastEnd];
  /** Redis, or an account that does not say whom it can reach; it goes on by itself. */
  trouble: [id: BroadcastId | undefined, error: Error];
}

export interface BroadcastStageOptions {
  readonly redis: Redis;
  readonly registry: Pick<AccountRegistry, 'list'>;
  readonly board: Pick<AccountBoard, 'all'>;
  readonly claims: Pick<ActionClaims, 'find' | 'endUnbegun'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  /** Epochs of the partitions that this worker holds now. */
  readonly held: () => ReadonlyMap<number, number>;
}

/** The broadcasts of a worker with what they need of the cluster. */
export class BroadcastStage extends EventEmitter<BroadcastStageEvents> {
  readonly rounds: BroadcastRounds;
  readonly #accounts: PoolAccounts;

  constructor(private readonly options: BroadcastStageOptions) {
    super();
    const { redis, registry, board, clock, held } = options;
    this.#accounts = new PoolAccounts({ registry, board, clock });
    this.rounds = new BroadcastRounds({
      clock,
      held,
      open: (partition) => BroadcastWork.open(redis, partition),
      run: (partition, epoch, id) => this.#run(partition, epoch, id),
    });
    this.rounds.on('trouble', (error) => this.emit('trouble', undefined, error));
  }

  #run(partition: number, epoch: number, id: BroadcastId): Running {
    const { redis, outbox, claims, clock, random, held } = this.options;
    const accounts = this.#accounts;
    const work = new BroadcastWork({ redis, partition, id, epoch });
    const onTrouble = (thrown: unknown) => void this.emit('trouble', id, toError(thrown));
    const run = new BroadcastRun({
      work,
      sending: new Sending({ outbox, claims, actionOf: (hand) => work.actionOf(hand), clock, onTrouble }),
      listing: new Listing({
        reach: new Reach(outbox, clock),
        accounts,
        store: (self, targets, adds) => work.listTargets(self, targets, adds),
        clock,
        onTrouble,
      }),
      accounts,
      mayAct: () => held().get(partition) === epoch,
      clock,
      random,
    });
    run.on('reached', (outcome) => this.emit('reached', id, outcome));
    run.on('givenBack', (reason) => this.emit('givenBack', id, reason));
    run.on('ended', (end) => this.emit('ended', id, end));
    run.on('trouble', onTrouble);
    this.emit('begun', id);
    return run;
  }
}
