import { checkAccount, variable, type Environment, type RookeryConfig } from '@rookery/config';
import { pause, SECOND, type Clock, type NodeId, type SelfId } from '@rookery/protocol';
import type { AccountView, ClusterControl } from '@rookery/service';
import { CommandFailure } from '../failure';
import type { Colours } from '../up/output';
import { accountDetails, accountTable } from './show';

export interface CommandContext {
  readonly env: Environment;
  readonly clock: Clock;
  readonly colours: Colours;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  readonly print: (text: string) => void;
}

export interface CommandOptions {
  readonly json?: boolean;
}

export interface AddOptions extends CommandOptions {
  readonly forward?: string;
  readonly reverse?: boolean;
  readonly pool?: string;
  readonly since?: string;
  readonly tokenStdin?: boolean;
  /** There to be refused. */
  readonly token?: unknown;
}

/** `status` of an account that is not as wanted. */
export const NOT_AS_WANTED = 2;
/** How long a wish may take to come about before we stop watching; it holds all the same. */
const SETTLE_MS = 10 * SECOND;
const LOOK_MS = 200;

type Wish = 'start' | 'stop' | 'pause' | 'resume';

/** The commands on accounts of a running cluster. Each resolves with the exit code. */
export class AccountCommands {
  constructor(
    private readonly control: ClusterControl,
    private readonly config: RookeryConfig,
    private readonly context: CommandContext,
  ) {}

  async list({ json }: CommandOptions): Promise<number> {
    const accounts = await this.control.accounts();
    const { print, clock, colours } = this.context;
    print(json ? `${JSON.stringify(accounts)}\n` : accountTable(accounts, clock.now(), colours));
    return 0;
  }

  /** 2 when it is wanted and not online, so that scripts can ask. */
  async status(self: SelfId, options: CommandOptions): Promise<number> {
    const account = await this.control.status(self);
    this.#show(account, options);
    return account.wanted === 'started' && account.state !== 'online' ? NOT_AS_WANTED : 0;
  }

  async add(self: SelfId, options: AddOptions): Promise<number> {
    const { forward: url, reverse, pool, since } = options;
    if (options.token !== undefined) {
      throw new CommandFailure(
        'a token on the command line can be seen by every user of this machine; use --token-stdin or ROOKERY_ACCOUNT_TOKEN, ' +
          'and change this one\n不要在命令行中写 token，请更换它。',
      );
    }
    if ((url === undefined) === (reverse !== true)) {
      throw new CommandFailure(
        'say either --forward <url> (Rookery dials NapCat) or --reverse (NapCat dials Rookery)\n' +
          '请二选一：--forward <地址>（正向）或 --reverse（反向）。',
      );
    }
    const token = await this.#token(options);
    const account = checkAccount(
      {
        selfId: self,
        mode: url === undefined ? 'reverse' : 'forward',
        ...(url !== undefined && { url }),
        ...(pool !== undefined && { pool }),
        ...(since !== undefined && { since }),
        ...(token !== undefined && { token }),
      },
      'rookery accounts add',
      this.config.reverse,
    );
    await this.control.add(account);
    return await this.#settled(self, options, ({ state }) => state !== 'stopped' && state !== 'connecting');
  }

  async remove(self: SelfId, { json }: CommandOptions): Promise<number> {
    await this.control.remove(self);
    this.context.print(json ? `${JSON.stringify({ removed: self })}\n` : `account ${self} is removed / 账号已移除\n`);
    return 0;
  }

  async want(wish: Wish, self: SelfId, options: CommandOptions): Promise<number> {
    const { wanted } = await this.control[wish](self);
    return await this.#settled(self, options, ({ state }) => {
      if (wanted === 'started') return state !== 'stopped' && state !== 'connecting' && state !== 'paused';
      return state === wanted;
    });
  }

  /** `node` null: back to where the cluster places it. */
  async move(self: SelfId, node: NodeId | null, options: CommandOptions): Promise<number> {
    await this.control.move(self, node);
    return await this.#settled(self, options, (account) => node === null || account.node === node);
  }

  async reconnect(self: SelfId, options: CommandOptions): Promise<number> {
    await this.control.reconnect(self);
    return await this.#settled(self, options, ({ state }) => state !== 'connecting');
  }

  async drain(node: NodeId, { json }: CommandOptions): Promise<number> {
    await this.control.drain(node);
    this.context.print(
      json
        ? `${JSON.stringify({ draining: node })}\n`
        : `${node} hands over what it holds and ends; see \`rookery nodes\` / 正在移交并退出\n`,
    );
    return 0;
  }

  /** Never from the command line: arguments are seen by every user of the machine and kept in the shell's history. */
  async #token({ tokenStdin, reverse }: AddOptions): Promise<string | undefined> {
    if (tokenStdin === true) {
      const text = (await this.context.readInput()).trim();
      if (text !== '') return text;
      throw new CommandFailure('nothing came from standard input; pipe the token in, for example from a file');
    }
    const token = variable(this.context.env, 'ROOKERY_ACCOUNT_TOKEN');
    if (token !== undefined || reverse !== true) return token;
    throw new CommandFailure(
      'a reverse account needs a token: pipe it in with --token-stdin, or set ROOKERY_ACCOUNT_TOKEN\n' +
        '反向账号需要 token：用 --token-stdin 从标准输入传入，或设置环境变量 ROOKERY_ACCOUNT_TOKEN。',
    );
  }

  /** Watches until the account is as it should be, or for some seconds; then shows how it is. */
  async #settled(self: SelfId, options: CommandOptions, isReached: (account: AccountView) => boolean): Promise<number> {
    const { clock, print } = this.context;
    const deadline = clock.monotonic() + SETTLE_MS;
    let account = await this.control.account(self);
    while (!isReached(account) && clock.monotonic() < deadline) {
      await pause(clock, LOOK_MS);
      account = await this.control.account(self);
    }
    this.#show(account, options);
    if (!isReached(account) && !options.json) {
      print('This is noted and not yet so; `rookery accounts status` shows when it is. / 已记录，尚未生效。\n');
    }
    return 0;
  }

  #show(account: AccountView, { json }: CommandOptions): void {
    const { print, clock, colours } = this.context;
    print(json ? `${JSON.stringify(account)}\n` : accountDetails(account, clock.now(), colours));
  }
}
