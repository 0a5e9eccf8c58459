import type { Locale, Log, Metrics } from '@rookery/plugin-kit';
import { ChatSettings, PluginControl } from '@rookery/plugin-settings';
import { DEFAULT_POOL, type Clock, type FleetStatus, type PoolName, type SelfId } from '@rookery/protocol';
import { Assignment } from '../conversation/assignment';
import { Conversations } from '../conversation/conversations';
import { GroupMembers } from '../conversation/group-members';
import { Senders } from '../conversation/senders';
import { Dialogs } from '../dispatch/dialogs';
import { Dispatcher } from '../dispatch/dispatcher';
import { LiveAccess } from '../dispatch/live-access';
import { PendingAsks } from '../dispatch/pending-asks';
import { Tallies } from '../dispatch/tallies';
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
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  /** By the ids of plugins. */
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A handler has failed; it is not tried again. */
  readonly onFailure: (error: Error) => void;
  readonly onRan: (plugin: string, handler: string) => void;
}

/** The worker's own stages, joined as in a process, with memory in the place of Redis. */
export class TestWorker {
  readonly conversations: Conversations;
  readonly asks: PendingAsks;
  readonly access: LiveAccess;
  /** `<plugin>.<handler>` */
  readonly schedules: readonly string[];

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
      onRan,
      superusers,
      permissions,
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
    const hosts = plugins.map(
      (plugin) => new InProcessHost({ plugin, clock, log, metrics, locale, seed: 'test', config }),
    );
    this.schedules = hosts.flatMap(({ manifest: { id, schedules } }) =>
      schedules.map(({ method }) => `${id}.${method}`),
    );
    this.access = new LiveAccess({
      source: cluster.settings,
      superusers,
      clock,
      onTrouble: onFailure,
      onConfig: (layers) => hosts.forEach((host) => host.configure(layers.get(host.manifest.id) ?? {})),
    });
    const settings = new ChatSettings({
      control: new PluginControl({
        board: {
          all: () => Promise.resolve(hosts.map(({ manifest }) => manifest)),
          unfit: () => Promise.resolve([]),
        },
        settings: cluster.settings,
        channel: { emit: () => undefined },
      }),
      inForce: this.access,
    });
    const tallies = new Tallies({ storage: (plugin, request) => cluster.storage.run(plugin, request), clock });
    const dispatcher = new Dispatcher({
      plugins: hosts,
      prefixes,
      fleet,
      outbox: cluster,
      failures: { keep: async (_failed, error) => onFailure(error) },
      asks: this.asks,
      backing: {
        storage: (plugin, request) => tallies.run(plugin, request),
        sender: (request) => senders.find(request),
        broadcast: (plugin, order) => cluster.broadcasts.carryOut(order, `plugin:${plugin}`),
        settings: (event, request) => settings.run(event, request),
        fleet: (event) => Promise.resolve(memoryFleet(accounts, isOnline, event.self, clock.now())),
      },
      clock,
      log,
      locale,
      access: this.access,
      permissions,
      cooldowns: cluster.cooldowns,
    });
    dispatcher.on('ran', ({ plugin, handler }) => onRan(plugin, handler));
    dispatcher.on('rightUsed', ({ plugin, asked: { name }, right, allowed }) => {
      if (!allowed) log.warn({}, `${plugin} has no right to ${name}: declare or grant ${right}`);
    });
    const dialogs = new Dialogs({ dispatcher, asks: this.asks, clock });
    this.conversations = new Conversations({
      dispatcher: dialogs,
      clock,
      memory: cluster,
      members,
      partitions: 1,
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

  /** Reads what the cluster keeps. */
  async start(): Promise<void> {
    await Promise.all([this.asks.load(0), this.access.look()]);
  }

  /** As if the process had died. */
  stop(): void {
    this.asks.drop(0);
  }
}

/** A fleet in which all is well, but for accounts that a test took away. */
function memoryFleet(
  accounts: readonly SelfId[],
  isOnline: (self: SelfId) => boolean,
  self: SelfId,
  now: number,
): FleetStatus {
  const online = accounts.filter(isOnline).length;
  const tally = { online, ...(online < accounts.length && { offline: accounts.length - online }) };
  return {
    version: 'test',
    startedAt: now,
    nodes: { connector: 1, worker: 1, console: 0 },
    accounts: tally,
    pool: tally,
    account: { self, state: isOnline(self) ? 'online' : 'offline', reason: 'as the test says', since: now },
    backlog: { events: 0, eventsOldest: 0, actions: 0, retries: 0, deadLetters: 0 },
  };
}
