import { groupConversation, RookeryError, type GroupId, type PoolName, type SelfId } from '@rookery/protocol';
import type { AccountRegistration, GroupAssignments } from '@rookery/redis';

/** A group as one pool sees it. */
export interface AssignedPlace {
  readonly pool: PoolName;
  readonly group: GroupId;
}

/** One group in which an operator has said who answers. */
export interface Assignment {
  /** `group:<pool>:<group>` */
  readonly conversation: string;
  readonly account: SelfId;
}

export interface AssignmentControlOptions {
  readonly assignments: Pick<GroupAssignments, 'all' | 'set' | 'remove'>;
  readonly registry: { find(self: SelfId): Promise<Pick<AccountRegistration, 'pool'>> };
}

/** Who answers in a group, said by an operator while the cluster runs. Workers follow within two seconds. */
export class AssignmentControl {
  constructor(private readonly options: AssignmentControlOptions) {}

  /** In the order of their conversations. */
  async all(): Promise<readonly Assignment[]> {
    const all = [...(await this.options.assignments.all())];
    return all
      .map(([conversation, account]) => ({ conversation, account }))
      .sort((a, b) => (a.conversation < b.conversation ? -1 : 1));
  }

  /**
   * The account must be one of the pool: another one's answers would come from a bot that is not in this conversation. Throws
   * ACCOUNT_UNKNOWN and ACCOUNT_IN_OTHER_POOL.
   */
  async set({ pool, group }: AssignedPlace, account: SelfId): Promise<Assignment> {
    const { assignments, registry } = this.options;
    const known = await registry.find(account);
    if (known.pool !== pool) {
      throw new RookeryError('ACCOUNT_IN_OTHER_POOL', `account ${account} is in pool ${known.pool}, not in ${pool}`);
    }
    const conversation = groupConversation(pool, group);
    await assignments.set(conversation, account);
    return { conversation, account };
  }

  /** The settings and the policy of the pool decide again. False: nobody was assigned. */
  async clear({ pool, group }: AssignedPlace): Promise<boolean> {
    const conversation = groupConversation(pool, group);
    return await this.options.assignments.remove(conversation);
  }
}
