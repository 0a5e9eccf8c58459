import type { Sender, SenderRequest } from '@rookery/plugin-kit';
import { groupConversation, type ConversationKey, type PoolName, type SelfId } from '@rookery/protocol';

export interface SendersOptions {
  /** Undefined for a number that is no account of the cluster. */
  readonly poolOf: (account: SelfId) => PoolName | undefined;
  /** Accounts of the pool that can act now. */
  readonly online: (pool: PoolName) => readonly SelfId[];
  /** Accounts that saw something of the group lately, as far as this worker knows. */
  readonly seenIn: (group: ConversationKey) => readonly SelfId[];
  /** As far as is known the account is in the group and may speak there. */
  readonly isPresent: (group: ConversationKey, self: SelfId) => boolean;
  /** The account that settings or an operator want in a group. */
  readonly explicit: (group: ConversationKey) => SelfId | undefined;
  /** The account that answers in a group, whichever worker handles it. */
  readonly assignee: (group: ConversationKey) => Promise<SelfId | undefined>;
}

/** Which account sends where a plugin names a pool. */
export class Senders {
  constructor(private readonly options: SendersOptions) {}

  /**
   * In a group the account that answers there, else one that was seen there, else any of the pool: it may not be a member, and the
   * outcome says so then. Undefined when none can act. Rejects when Redis does not answer.
   */
  async find({ from, to }: SenderRequest): Promise<Sender | undefined> {
    if ('account' in from) {
      const pool = this.options.poolOf(from.account);
      return pool === undefined ? undefined : { self: from.account, pool };
    }
    const { pool } = from;
    const online = this.options.online(pool);
    const self = 'group' in to ? await this.#inGroup(groupConversation(pool, to.group), online) : online[0];
    return self === undefined ? undefined : { self, pool };
  }

  async #inGroup(group: ConversationKey, online: readonly SelfId[]): Promise<SelfId | undefined> {
    const { explicit, assignee, seenIn, isPresent } = this.options;
    const fit = online.filter((self) => isPresent(group, self));
    const wanted = [explicit(group), await assignee(group), ...seenIn(group)];
    return wanted.find((self) => self !== undefined && fit.includes(self)) ?? fit[0];
  }
}
