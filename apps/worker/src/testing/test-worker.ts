import type { Locale, Log, Metrics } from '@rookery/plugin-kit';
import { DEFAULT_POOL, type Clock, type PoolName, type SelfId } from '@rookery/protocol';
import { Assignment } from '../conversation/assignment';
import { Conversations } from '../conversation/conversations';
import { GroupMembers } from '../conversation/group-members';
import { Senders } from '../conversation/senders';
import { Dialogs } from '../dispatch/dialogs';
import { Dispatcher } from '../dispatch/dispatcher';
import { PendingAsks } from '../dispatch/pending-asks';
import { InProcessHost } from '../host/in-process-host';
import type { MemoryCluster } from './memory-cluster';

export interface TestWorkerOptions {
  readonly plugins: readonly object[];
  readonly cluster: MemoryCluster;
  readonly accounts: readonly SelfId[];
  readonly isOnline: (self: SelfId) => boolean;
  readonly prefixes: readonly string[];
  readonly locale: Locale;
  readonly superusers: readonly string[];
  /** By the ids of plugins. */
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A handler has failed; it is not tried again. */
  readonly onFailure: (error: Error) => void;
}

/** The worker's own stages, joined as in a process, with memory in the place of Redis. */
export class TestWorker {
  readonly conversations: Conversations;
  readonly asks: PendingAsks;

  constructor(options: TestWorkerOptions) {
    const {
      plugins,
      cluster,
      accounts,
      isOnline,
      prefixes,
      locale,
      clock,
      log,
      metrics,
      onFailure,
      superusers,
      config,
    } = options;
    const fleet = new Set<string>(accounts);
    const members = new GroupMembers(clock, fleet);
    const poolOf = (account: string): PoolName | undefined => (fleet.has(account) ? DEFAULT_POOL : undefined);
    const senders = new Senders({
      poolOf,
      online: () => accounts.filter(isOnline),
      seenIn: (group) => members.recent(group),
      isPresent: (group, self) => members.isPresent(group, self),
      explicit: () => undefined,
      assignee: (group) => Promise.resolve(cluster.assignees.get(group)),
    });
    this.asks = new PendingAsks({ store: cluster, partitions: 1, clock });
    const dispatcher = new Dispatcher({
      plugins: plugins.map(
        (plugin) => new InProcessHost({ plugin, clock, log, metrics, locale, seed: 'test', config }),
      ),
      prefixes,
      fleet,
      outbox: cluster,
      failures: { keep: async (_failed, error) => onFailure(error) },
      asks: this.asks,
      backing: {
        storage: (plugin, request) => cluster.storage.run(plugin, request),
        sender: (request) => senders.find(request),
        broadcast: (plugin, order) => cluster.broadcasts.carryOut(order, `plugin:${plugin}`),
      },
      clock,
      log,
      locale,
      access: { isOn: () => true, isSuperuser: (user) => superusers.includes(user), isGranted: () => false },
    });
    const dialogs = new Dialogs({ dispatcher, asks: this.asks, clock });
    this.conversations = new Conversations({
      dispatcher: dialogs,
      clock,
      memory: cluster,
      members,
      assignment: new Assignment({
        members,
        policy: () => 'sticky',
        explicit: () => undefined,
        poolOf,
        isOnline,
        store: {
          load: (group) => Promise.resolve(cluster.assignees.get(group)),
          save: async (group, account) => void cluster.assignees.set(group, account),
        },
      }),
      fleet,
      graceMs: () => 0,
      overload: { lagMs: 10_000, chatterMs: 60_000 },
      // Scripted users answer as fast as bots.
      brake: { turns: 0, windowMs: 60_000, ignoreMs: 60_000 },
    });
    this.asks.on('due', (asked) => {
      void this.conversations.inTurn(asked.ask.conversation, () => dialogs.expire(asked)).catch(onFailure);
    });
  }
}
