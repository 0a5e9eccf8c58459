import { setTimeout as delay } from 'node:timers/promises';
import { manifestOf, milliseconds, type Duration } from '@rookery/plugin-kit';
import { plainText, RookeryError, SECOND, type MessageLike, type NoticeKind, type Segment } from '@rookery/protocol';
import type { ActionScript } from '@rookery/simulator';
import type {
  Decide,
  FleetAction,
  GroupRole,
  PluginClass,
  Said,
  TestFleet,
  TestFleetOptions,
  TestUser,
} from '../../../worker/src/testing';
import { Cluster, type ListedPlugin } from './cluster';
import { People } from './people';
import { modulesOf } from './plugin-modules';
import { look, until, type Figures } from './progress';
import { WorkerLog } from './worker-log';

/** Longer waits would make a test that nobody runs. */
const WAIT_MAX_MS = 30 * SECOND;

/** At most one per process: tests that end their fleet only by ending would pile up processes. */
let current: RealFleet | undefined;

/**
 * The whole way of a message, for tests: simulated NapCats in this process, and a connector, a worker with plugin threads and a Redis
 * as processes of their own, as `rookery up` starts them. A step is over when every event that was read is settled and every action
 * that was asked for has ended, as the metrics of the processes say.
 */
export class RealFleet implements TestFleet {
  readonly isReal = true;
  readonly clock = { now: () => Date.now() };
  readonly #log: WorkerLog;
  readonly #options: TestFleetOptions;
  readonly #people: People;
  readonly #cluster: Cluster;
  #decide: Decide = () => undefined;
  /** What a test's `decide` threw or wanted of NapCat that no NapCat can do. */
  #impossible: Error | undefined;
  /** Events that NapCats have told of. */
  #told = 0;
  /** What had happened when this worker began. */
  #atStart = { read: 0, ended: 0, counts: new Map<string, number>() };
  #seen: Figures | undefined;

  private constructor(options: TestFleetOptions, parts: { people: People; cluster: Cluster; log: WorkerLog }) {
    this.#options = options;
    this.#people = parts.people;
    this.#cluster = parts.cluster;
    this.#log = parts.log;
  }

  /** Ends the fleet of this process that was started before. */
  static start(options: TestFleetOptions, modules?: readonly string[]): Promise<RealFleet> {
    return awake(() => RealFleet.#start(options, modules));
  }

  static async #start(options: TestFleetOptions, modules?: readonly string[]): Promise<RealFleet> {
    await current?.close();
    const { accounts = ['10001'], prefixes = ['/'], locale = 'zh', superusers = [], permissions = {} } = options;
    const plugins = listed(options, options.plugins, modules);
    let fleet: RealFleet | undefined;
    const people = await People.start(accounts, (self, name, params) => fleet?.script({ self, name, params }));
    const log = new WorkerLog();
    const settings = {
      partitions: 4,
      reverse: { port: 0 },
      limits: { profile: 'unlimited' },
      commandPrefix: prefixes,
      locale,
      superusers,
      permissions,
      accounts: people.listed,
    };
    try {
      const cluster = await Cluster.start(settings, plugins, log);
      fleet = current = new RealFleet(options, { people, cluster, log });
      await fleet.#ready();
      return fleet;
    } catch (thrown) {
      await (fleet?.close() ?? people.close());
      throw thrown;
    }
  }

  get warnings(): readonly string[] {
    return this.#log.warnings;
  }

  get runs(): never {
    throw onlyInMemory('which handlers have run cannot be told of other processes: look at what was said and done');
  }

  get broadcasts(): never {
    throw onlyInMemory('a real fleet carries broadcasts out: look at `said`');
  }

  broadcastProgress(): never {
    throw onlyInMemory('a real fleet carries broadcasts out: look at `said`');
  }

  get counts(): ReadonlyMap<string, number> {
    const counts = new Map(this.#atStart.counts);
    for (const [name, sum] of this.#seen?.counts ?? []) counts.set(name, (counts.get(name) ?? 0) + sum);
    return counts;
  }

  get actions(): readonly FleetAction[] {
    return this.#people.world.sent().map(({ self, action, params }) => ({ self, name: action, params }) as FleetAction);
  }

  get said(): readonly Said[] {
    return this.actions.flatMap((action) => {
      const { message } = action.params;
      if (!Array.isArray(message)) return [];
      const segments = message as readonly Segment[];
      return [{ self: action.self, text: plainText(segments), segments, action }];
    });
  }

  get questions(): number {
    return this.#seen?.questions ?? 0;
  }

  user(number: string): TestUser {
    return this.#user(number);
  }

  decide(decide: Decide): void {
    this.#decide = decide;
  }

  goOffline(account: string): Promise<void> {
    this.#people.goOffline(account);
    return awake(() => this.#allLinked());
  }

  goOnline(account: string): Promise<void> {
    this.#people.goOnline(account);
    return awake(() => this.#allLinked());
  }

  notice(kind: NoticeKind, group: string, about: string, fields: object = {}): Promise<readonly Said[]> {
    return this.#step(() => this.#people.notice(kind, group, about, fields));
  }

  async request(kind: 'friend' | 'group.add' | 'group.invite', from: string, fields: object = {}): Promise<void> {
    await this.#step(() => this.#people.request(kind, from, fields));
  }

  tick(): Promise<never> {
    return Promise.reject(onlyInMemory('schedules of a real fleet come at their own times'));
  }

  advance(time: Duration): Promise<readonly Said[]> {
    const ms = milliseconds(time);
    if (ms > WAIT_MAX_MS) {
      throw onlyInMemory(
        `time cannot be moved in a real fleet, and ${ms / SECOND} s are too long to wait (at most 30 s)`,
      );
    }
    return this.#step(async () => {
      await delay(ms);
      return 0;
    });
  }

  restart(plugins: readonly PluginClass[] = this.#options.plugins): Promise<void> {
    return awake(async () => {
      const { read, ended } = await this.#look();
      this.#atStart = { read, ended, counts: new Map(this.counts) };
      this.#seen = undefined;
      await this.#cluster.replaceWorker(listed(this.#options, plugins));
      await this.#ready();
    });
  }

  close(): Promise<void> {
    return awake(async () => {
      if (current === this) current = undefined;
      await this.#people.close();
      await this.#cluster.stop();
    });
  }

  /** What the simulated NapCat makes of an action. */
  script(action: { readonly self: string; readonly name: string; readonly params: object }): ActionScript | undefined {
    try {
      return scriptOf(this.#decide(action as FleetAction));
    } catch (thrown) {
      this.#impossible = thrown as Error;
      return undefined;
    }
  }

  #user(number: string, where?: { readonly group: string; readonly role: GroupRole }): TestUser {
    return {
      in: (group, role = 'member') => this.#user(number, { group, role }),
      says: (message: MessageLike) => this.#step(() => this.#people.say(number, where, message)),
    };
  }

  /** Does something of which so many events come, waits until all of it is over, and resolves with what was said meanwhile. */
  #step(act: () => number | Promise<number>): Promise<readonly Said[]> {
    return awake(() => this.#untilOver(act));
  }

  async #untilOver(act: () => number | Promise<number>): Promise<readonly Said[]> {
    const before = this.said.length;
    const failuresBefore = this.#seen?.failures ?? 0;
    this.#told += await act();
    const { read: readBefore, ended: endedBefore } = this.#atStart;
    const now = await until(
      'every event is settled and every action has ended',
      () => this.#look(),
      ({ read, settled, asked, ended, backlog }) =>
        read >= this.#told && settled >= read - readBefore && ended - endedBefore >= asked && backlog === 0,
    );
    const impossible = this.#impossible;
    this.#impossible = undefined;
    if (impossible) throw impossible;
    if (now.failures > failuresBefore) throw this.#log.failure();
    return this.said.slice(before);
  }

  async #look(): Promise<Figures> {
    return (this.#seen = await look(this.#cluster.http));
  }

  /** Rejects with PLUGIN_INVALID when the worker has left a plugin out. */
  async #ready(): Promise<void> {
    await until(
      'the worker consumes and the accounts are online',
      () => this.#look(),
      ({ workerReady, online }) => workerReady && online === this.#people.online.length,
    );
    const unfit = this.#log.unfit();
    if (unfit !== undefined) throw new RookeryError('PLUGIN_INVALID', unfit);
  }

  async #allLinked(): Promise<void> {
    await until(
      'the links are as the accounts are',
      () => this.#look(),
      ({ online }) => online === this.#people.online.length,
    );
  }
}

/** The processes and sockets of a fleet keep nobody's process alive, so that tests need not end it; work under way does. */
async function awake<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, WAIT_MAX_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** As rookery.yaml lists them. Throws PLUGIN_INVALID. */
function listed(
  { config = {} }: TestFleetOptions,
  plugins: readonly PluginClass[],
  modules = modulesOf(plugins),
): readonly ListedPlugin[] {
  return modules.map((module, place) => {
    const plugin = plugins[place];
    return { module, config: (plugin && config[manifestOf(plugin).id]) ?? {} };
  });
}

function scriptOf(decided: ReturnType<Decide>): ActionScript | undefined {
  if (decided === undefined) return undefined;
  const { outcome = 'sent', data, error } = decided;
  if (outcome === 'sent') return { data: data ?? null };
  if (outcome === 'refused') return { refusal: error?.message ?? 'refused by the test' };
  throw onlyInMemory(`NapCat cannot answer "${outcome}": a real fleet comes to that by itself`);
}

const onlyInMemory = (why: string): RookeryError =>
  new RookeryError('CONFIG_INVALID', `only in memory: ${why}; run this test without \`real\` (\`fleet.isReal\` tells)`);
