import type { RookeryConfig } from '@rookery/config';
import { SECOND, type Clock, type ConversationKey, type PoolName, type SelfId } from '@rookery/protocol';
import {
  AccountBoard,
  Assignees,
  GroupAssignments,
  SettledMemory,
  type PartitionLedger,
  type Redis,
} from '@rookery/redis';
import { AccountFitness } from './account-fitness';
import { Assignment } from './assignment';
import { Conversations, type ConversationsOptions } from './conversations';
import { GroupMembers } from './group-members';
import { poolSettings } from './pool-settings';
import { Senders } from './senders';

export interface ConversationStageOptions {
  readonly redis: Redis;
  /** Where events are noted that were taken and settled; ended by whoever made it. */
  readonly ledger: PartitionLedger;
  readonly config: Pick<RookeryConfig, 'accounts' | 'pools' | 'overload' | 'brake' | 'partitions'>;
  readonly clock: Clock;
  readonly dispatcher: ConversationsOptions['dispatcher'];
  readonly fleet: ReadonlySet<string>;
}

/** The conversations of a worker with what they know of the cluster: its settings, its accounts, and Redis. */
export class ConversationStage {
  readonly conversations: Conversations;
  readonly assignment: Assignment;
  readonly fitness: AccountFitness;
  readonly senders: Senders;

  constructor({ redis, ledger, config, clock, dispatcher, fleet }: ConversationStageOptions) {
    const { partitions, overload, brake } = config;
    const members = new GroupMembers(clock, fleet);
    const pool = poolSettings(config.pools);
    const configured = new Map<string, PoolName>(config.accounts.map((account) => [account.selfId, account.pool]));
    const fitness = new AccountFitness({
      clock,
      board: new AccountBoard(redis),
      assignments: new GroupAssignments(redis),
    });
    this.fitness = fitness;
    this.assignment = new Assignment({
      members,
      policy: (name) => pool.of(name).policy,
      explicit: (group: ConversationKey): SelfId | undefined => fitness.assigned(group) ?? pool.assigned(group),
      poolOf: (account) => fitness.poolOf(account) ?? configured.get(account),
      isOnline: (account) => fitness.isOnline(account),
      store: new Assignees(redis, partitions),
    });
    const assignees = new Assignees(redis, partitions);
    this.senders = new Senders({
      poolOf: (account) => fitness.poolOf(account) ?? configured.get(account),
      online: (name) => fitness.onlineOf(name),
      seenIn: (group) => members.recent(group),
      isPresent: (group, self) => members.isPresent(group, self),
      explicit: (group) => fitness.assigned(group) ?? pool.assigned(group),
      assignee: (group) => assignees.load(group),
    });
    this.conversations = new Conversations({
      dispatcher,
      clock,
      memory: new SettledMemory(ledger, partitions),
      members,
      partitions,
      assignment: this.assignment,
      fleet,
      graceMs: (name) => pool.of(name).graceMs,
      overload: { lagMs: overload.lagSeconds * SECOND, chatterMs: overload.chatterSeconds * SECOND },
      brake: {
        turns: brake.turns,
        windowMs: brake.windowSeconds * SECOND,
        ignoreMs: brake.ignoreSeconds * SECOND,
      },
    });
  }

  /** Resolves when it knows of the accounts what Redis can tell now. */
  start(): Promise<void> {
    return this.fitness.start();
  }

  /** When nothing is delivered any more: resolves when everything that was is settled. */
  async stop(): Promise<void> {
    this.fitness.close();
    await this.conversations.drain();
  }
}
