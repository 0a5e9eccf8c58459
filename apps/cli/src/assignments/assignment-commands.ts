import { groupConversation, type ConversationKey, type GroupId, type PoolName, type SelfId } from '@rookery/protocol';
import type { GroupAssignments } from '@rookery/redis';
import { CommandFailure } from '../failure';

export interface AssignmentContext {
  readonly assignments: Pick<GroupAssignments, 'all' | 'set' | 'remove'>;
  /** The accounts of the cluster. */
  readonly accounts: () => Promise<readonly { readonly self: SelfId; readonly pool: PoolName }[]>;
  readonly print: (text: string) => void;
}

export interface Place {
  readonly group: GroupId;
  readonly pool: PoolName;
}

/** Who answers in a group, told by an operator while the cluster runs. Each resolves with the exit code. */
export class AssignmentCommands {
  constructor(private readonly context: AssignmentContext) {}

  async list({ json }: { readonly json?: boolean }): Promise<number> {
    const { assignments, print } = this.context;
    const all = [...(await assignments.all())]
      .map(([conversation, account]) => ({ conversation, account }))
      .sort(byKey);
    if (json) print(`${JSON.stringify(all)}\n`);
    else if (all.length === 0) print('no group has an account assigned to it / 没有指定应答账号的群\n');
    else for (const { conversation, account } of all) print(`${conversation}  ${account}\n`);
    return 0;
  }

  /** The account must be one of the pool: another one's answers would come from a bot that is not in this conversation. */
  async set({ group, pool }: Place, account: SelfId): Promise<number> {
    const { assignments, accounts, print } = this.context;
    const known = (await accounts()).find(({ self }) => self === account);
    if (known?.pool !== pool) {
      const what = known ? `is in pool ${known.pool}, not in ${pool}` : 'is no account of this cluster';
      throw new CommandFailure(
        `account ${account} ${what}; \`rookery accounts list\` shows the accounts and their pools\n` +
          `账号 ${account} 不属于账号池 ${pool}，请用 rookery accounts list 查看。`,
      );
    }
    const key = groupConversation(pool, group);
    await assignments.set(key, account);
    print(`${account} answers in ${key} within 2 s, while it is fit / 2 秒内由 ${account} 应答\n`);
    return 0;
  }

  /** The settings and the policy of the pool decide again. */
  async clear({ group, pool }: Place): Promise<number> {
    const { assignments, print } = this.context;
    const key = groupConversation(pool, group);
    if (!(await assignments.all()).has(key)) {
      throw new CommandFailure(
        `nobody is assigned to ${key}; \`rookery assignments list\` shows all\n没有为 ${key} 指定账号。`,
      );
    }
    await assignments.remove(key);
    print(`the policy of pool ${pool} decides in ${key} again / 恢复由账号池策略决定\n`);
    return 0;
  }
}

function byKey(a: { readonly conversation: ConversationKey }, b: { readonly conversation: ConversationKey }): number {
  return a.conversation < b.conversation ? -1 : 1;
}
