import { groupConversation, RookeryError, type SelfId } from '@rookery/protocol';
import type { AssignedPlace, AssignmentControl } from '@rookery/service';
import { CommandFailure } from '../failure';

export interface AssignmentContext {
  readonly control: Pick<AssignmentControl, 'all' | 'set' | 'clear'>;
  readonly print: (text: string) => void;
}

/** Who answers in a group, told by an operator while the cluster runs. Each resolves with the exit code. */
export class AssignmentCommands {
  constructor(private readonly context: AssignmentContext) {}

  async list({ json }: { readonly json?: boolean }): Promise<number> {
    const { control, print } = this.context;
    const all = await control.all();
    if (json) print(`${JSON.stringify(all)}\n`);
    else if (all.length === 0) print('no group has an account assigned to it / 没有指定应答账号的群\n');
    else for (const { conversation, account } of all) print(`${conversation}  ${account}\n`);
    return 0;
  }

  async set(place: AssignedPlace, account: SelfId): Promise<number> {
    const { control, print } = this.context;
    try {
      const { conversation } = await control.set(place, account);
      print(`${account} answers in ${conversation} within 2 s, while it is fit / 2 秒内由 ${account} 应答\n`);
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof RookeryError) || !['ACCOUNT_UNKNOWN', 'ACCOUNT_IN_OTHER_POOL'].includes(thrown.code))
        throw thrown;
      throw new CommandFailure(
        `${thrown.message}; \`rookery accounts list\` shows the accounts and their pools\n` +
          `账号 ${account} 不属于账号池 ${place.pool}，请用 rookery accounts list 查看。`,
      );
    }
  }

  /** The settings and the policy of the pool decide again. */
  async clear(place: AssignedPlace): Promise<number> {
    const { control, print } = this.context;
    const key = groupConversation(place.pool, place.group);
    if (!(await control.clear(place))) {
      throw new CommandFailure(
        `nobody is assigned to ${key}; \`rookery assignments list\` shows all\n没有为 ${key} 指定账号。`,
      );
    }
    print(`the policy of pool ${place.pool} decides in ${key} again / 恢复由账号池策略决定\n`);
    return 0;
  }
}
