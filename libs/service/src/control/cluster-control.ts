import type { AccountConfig } from '@rookery/config';
import {
  appOf,
  RookeryError,
  toError,
  type AccountImplementation,
  type AccountState,
  type LogLevel,
  type NodeId,
  type NodeInfo,
  type SelfId,
} from '@rookery/protocol';
import type {
  AccountBoard,
  AccountEvent,
  AccountEvents,
  AccountRegistration,
  AccountRegistry,
  PostedStatus,
} from '@rookery/redis';
import type { ControlClient } from './control-client';

/** An account as the operator sees it: what is wanted of it, and how it is. */
export interface AccountView extends AccountRegistration {
  readonly state: AccountState;
  /** For people: why, and what to do when something is to be done. */
  readonly reason: string;
  /** Milliseconds since 1970; absent while no connector has spoken for the account. */
  readonly since?: number;
  readonly node?: NodeId;
  /** What its OneBot side is; absent until it has said so. */
  readonly implementation?: AccountImplementation;
}

/** A node as the operator sees it. `silent`: its channel is open, but it does not answer: frozen, or very busy. */
export type NodeView = ({ readonly silent: false } & NodeInfo) | { readonly silent: true; readonly node: NodeId };

export interface ClusterControlOptions {
  readonly registry: AccountRegistry;
  readonly board: Pick<AccountBoard, 'all' | 'find'>;
  readonly client: Pick<ControlClient, 'ask' | 'accountsChanged'>;
  readonly events: Pick<AccountEvents, 'latest'>;
  readonly liveNodes: () => Promise<readonly NodeId[]>;
}

/**
 * What an operator may do to a running cluster; the console's API and the command line are two faces of it. A wish about an
 * account is written down first and then told, so that it also holds for nodes that are not there now. `seen` is the version
 * of the account that the operator decided on: when it is another one by now, nothing is done (ACCOUNT_CHANGED).
 */
export class ClusterControl {
  constructor(private readonly options: ClusterControlOptions) {}

  /** In order of the account number. */
  async accounts(): Promise<AccountView[]> {
    return await viewAccounts(this.options);
  }

  /** Throws ACCOUNT_UNKNOWN. */
  async account(self: SelfId): Promise<AccountView> {
    const [registration, status] = await Promise.all([this.options.registry.find(self), this.options.board.find(self)]);
    return view(registration, status);
  }

  /** The account as its connector itself sees it at this moment; as last reported when that does not answer. */
  async status(self: SelfId): Promise<AccountView> {
    const account = await this.account(self);
    if (account.node === undefined || account.state === 'stopped') return account;
    try {
      const live = await this.options.client.ask(account.node, 'account.status', { self });
      return live === null ? account : { ...account, ...live };
    } catch (thrown) {
      return { ...account, reason: `${account.reason} (last report; ${toError(thrown).message})` };
    }
  }

  /** Its last changes of state, newest first. Throws ACCOUNT_UNKNOWN. */
  async history(self: SelfId, count: number): Promise<readonly AccountEvent[]> {
    await this.options.registry.find(self);
    return await this.options.events.latest(count, self);
  }

  async add(account: AccountConfig): Promise<AccountView> {
    await this.options.registry.add(account);
    await this.#tellChange();
    return await this.account(account.selfId);
  }

  async remove(self: SelfId, seen?: number): Promise<void> {
    await this.options.registry.remove(self, seen);
    await this.#tellChange();
  }

  /** Connects and acts. Also ends a pause. */
  start(self: SelfId, seen?: number): Promise<AccountView> {
    return this.#want(self, { wanted: 'started' }, seen);
  }

  /** Disconnects and stays so, also over restarts. */
  stop(self: SelfId, seen?: number): Promise<AccountView> {
    return this.#want(self, { wanted: 'stopped' }, seen);
  }

  /** Stays connected and reads, but sends nothing; what is to be sent waits until it expires. */
  pause(self: SelfId, seen?: number): Promise<AccountView> {
    return this.#want(self, { wanted: 'paused' }, seen);
  }

  /** Ends a pause, and only that: a stopped account stays stopped. */
  async resume(self: SelfId, seen?: number): Promise<AccountView> {
    const account = await this.account(self);
    if (account.wanted === 'stopped') {
      const text = `account ${self} is stopped, not paused; start it with \`rookery accounts start ${self}\``;
      throw new RookeryError('ACCOUNT_CHANGED', text);
    }
    return await this.#want(self, { wanted: 'started' }, seen ?? account.version);
  }

  /** To a connector of that name for as long as it lives; `null`: to wherever the cluster places it. Throws NODE_UNKNOWN. */
  async move(self: SelfId, node: NodeId | null, seen?: number): Promise<AccountView> {
    if (node !== null) {
      await this.#requireNode(node);
      if (appOf(node) !== 'connector') {
        throw new RookeryError('NODE_UNKNOWN', `${node} is no connector, and only connectors hold accounts`);
      }
    }
    return await this.#want(self, { pinnedTo: node }, seen);
  }

  /** Throws LINK_DOWN when no connector holds the account, NODE_SILENT when that does not answer. */
  async reconnect(self: SelfId): Promise<AccountView> {
    const { node, state } = await this.account(self);
    const nobody = new RookeryError(
      'LINK_DOWN',
      `no connector holds account ${self} now, so there is nothing to reconnect`,
    );
    if (node === undefined || state === 'stopped') throw nobody;
    if (!(await this.options.client.ask(node, 'account.reconnect', { self })).done) throw nobody;
    return await this.status(self);
  }

  /** In order of their names. Asks each node, so a frozen one delays the answer by the deadline of a request. */
  async nodes(): Promise<NodeView[]> {
    return await Promise.all(
      (await this.options.liveNodes()).map(async (node): Promise<NodeView> => {
        try {
          return { silent: false, ...(await this.options.client.ask(node, 'node.info', {})) };
        } catch (thrown) {
          if (thrown instanceof RookeryError && thrown.code === 'NODE_SILENT') return { silent: true, node };
          throw thrown;
        }
      }),
    );
  }

  /** The node hands over what it holds and ends. Throws NODE_UNKNOWN, NODE_SILENT. */
  async drain(node: NodeId): Promise<void> {
    await this.#requireNode(node);
    await this.options.client.ask(node, 'node.drain', {});
  }

  /** Tells every node; returns those that have answered. */
  async setLogLevel(level: LogLevel): Promise<readonly NodeId[]> {
    const told = await Promise.all(
      (await this.options.liveNodes()).map(async (node) => {
        try {
          await this.options.client.ask(node, 'node.logLevel', { level });
          return [node];
        } catch (thrown) {
          if (thrown instanceof RookeryError && thrown.code === 'NODE_SILENT') return [];
          throw thrown;
        }
      }),
    );
    return told.flat();
  }

  async #want(
    self: SelfId,
    change: Parameters<AccountRegistry['change']>[1],
    seen: number | undefined,
  ): Promise<AccountView> {
    if (await this.options.registry.change(self, change, seen)) await this.#tellChange();
    return await this.account(self);
  }

  async #tellChange(): Promise<void> {
    this.options.client.accountsChanged(await this.options.registry.version());
  }

  async #requireNode(node: NodeId): Promise<void> {
    const alive = await this.options.liveNodes();
    if (alive.includes(node)) return;
    const others = alive.length === 0 ? 'no node is running' : `running: ${alive.join(', ')}`;
    throw new RookeryError('NODE_UNKNOWN', `no node ${node}; ${others}`);
  }
}

/** All accounts of the cluster, in order of the account number. */
export async function viewAccounts({
  registry,
  board,
}: Pick<ClusterControlOptions, 'registry' | 'board'>): Promise<AccountView[]> {
  const [registrations, statuses] = await Promise.all([registry.list(), board.all()]);
  const statusOf = new Map(statuses.map((status) => [status.self, status]));
  return registrations
    .map((registration) => view(registration, statusOf.get(registration.self)))
    .sort((a, b) => a.self.length - b.self.length || (a.self < b.self ? -1 : 1));
}

function view(registration: AccountRegistration, status: PostedStatus | undefined): AccountView {
  if (registration.wanted === 'stopped' && (status === undefined || status.state === 'stopped')) {
    const { since } = status ?? {};
    return {
      ...registration,
      state: 'stopped',
      reason: 'stopped by the operator',
      ...(since !== undefined && { since }),
    };
  }
  if (status === undefined) return { ...registration, state: 'stopped', reason: 'no connector holds it yet' };
  const { state, reason, since, node, implementation } = status;
  return { ...registration, state, reason, since, node, ...(implementation && { implementation }) };
}
