import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { place } from '@rookery/cluster';
import { PROFILES, type LimitSettings } from '@rookery/pacing';
import { AccountBoard, connectRedis, type Redis } from '@rookery/redis';
import { Fleet, type SentRecord } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import {
  beginProcess,
  metricValue,
  until,
  type RunningProcess,
  type StartingProcess,
} from '../../e2e/support/processes';

/**
 * Friends of every simulated account, who speak in turn: one that went on within two seconds of each answer would be taken for a
 * bot and be ignored.
 */
export const FRIENDS = Array.from({ length: 120 }, (_, n) => String(1_600_000_001 + n));

/** The file that is the plugin's `config.file`. */
const NOTES = 'notes';

/** So many that each of a few workers gets a part: with 8, one of three workers got none in 4 of 100 runs. */
export const PARTITIONS = 32;
const PARTITION_KEYS = Array.from({ length: PARTITIONS }, (_, partition) => String(partition));

export interface FaultyClusterOptions {
  /** Another Redis than one of its own. */
  readonly given?: Pick<TestRedis, 'url' | 'stop'>;
  /** A file with a plugin, beside those built in; it may write lines to `config.file`. */
  readonly plugin?: string;
  /** Of every account; none by default. */
  readonly limits?: LimitSettings;
  /** Of up to five accounts each; four by default. */
  readonly groups?: number;
  /** Further lines of rookery.yaml. */
  readonly settings?: readonly string[];
}

type App = 'connector' | 'worker' | 'console';

export interface HowToRun {
  /** Where its NapCats dial; any free one when left out. */
  readonly reversePort?: number;
  /** Another way to the same Redis. */
  readonly redisUrl?: string;
  /** Of another build than today's. */
  readonly folder?: string;
}

/** Redis, a simulated fleet, and processes of ours that tests end in all kinds of ways. */
export class FaultyCluster {
  readonly #begun = new Set<StartingProcess>();
  readonly #configs = new Map<string, Promise<void>>();
  /** Account and tag → the questions of that series that it has answered. */
  readonly #answers = new Map<string, number[]>();
  readonly #newest = new Map<string, number>();
  /** Account → the connections that it has acted over, the present one last. */
  readonly #connections = new Map<string, number[]>();
  readonly #comebacks = new Map<string, number>();
  #staleActions = 0;

  private constructor(
    readonly redis: Pick<TestRedis, 'url' | 'stop'>,
    readonly client: Redis,
    readonly fleet: Fleet,
    private readonly dir: string,
    private readonly yaml: string,
  ) {
    fleet.world.onSent((record) => this.#note(record));
  }

  /** `attach: dual` gives every account a second connector that listens; `reverse`: the accounts dial, when the test lets them. */
  static async start(
    accounts: number,
    how: 'single' | 'dual' | 'reverse' = 'single',
    { given, plugin, limits = PROFILES.unlimited, groups = 4, settings = [] }: FaultyClusterOptions = {},
  ): Promise<FaultyCluster> {
    const redis = given ?? (await startTestRedis({ appendOnly: true }));
    const client = await connectRedis(redis.url, 'consumer', 'test', () => undefined);
    const dir = await mkdtemp(join(tmpdir(), 'rookery-faults-'));
    const fleet = await Fleet.start({ accounts, groups, endpoint: { reportSelf: true } });
    const { directory } = fleet.world;
    for (const friend of FRIENDS) {
      directory.addUser(friend, `friend ${friend}`);
      for (const { selfId } of fleet.accounts) directory.befriend(selfId, friend);
    }
    const entries = fleet.accounts.map((account) => {
      const url = account.mode === 'forward' ? account.url : '';
      const way = how === 'reverse' ? 'mode: reverse' : `mode: forward, url: "${url}", attach: ${how}`;
      return `  - { selfId: "${account.selfId}", token: "${account.token}", ${way} }`;
    });
    if (plugin !== undefined) {
      const config = JSON.stringify({ file: join(dir, NOTES) });
      entries.push('plugins:', `  - { module: ${JSON.stringify(plugin)}, config: ${config} }`);
    }
    const yaml = [
      `partitions: ${PARTITIONS}`,
      `limits: ${JSON.stringify(limits)}`,
      'brake: { turns: 0 }',
      ...settings,
      'accounts:',
      ...entries,
    ];
    return new FaultyCluster(redis, client, fleet, dir, yaml.join('\n'));
  }

  async run(app: App, how: HowToRun = {}): Promise<RunningProcess> {
    const begun = await this.begin(app, how);
    return await begun.ready;
  }

  /** Resolves when the process is there; it does not serve yet. */
  async begin(
    app: App,
    { reversePort = 0, redisUrl = this.redis.url, folder }: HowToRun = {},
  ): Promise<StartingProcess> {
    const config = join(this.dir, `rookery-${reversePort}.yaml`);
    // Once: another process may be reading it.
    const written = this.#configs.get(config) ?? writeFile(config, `reverse: { port: ${reversePort} }\n${this.yaml}`);
    this.#configs.set(config, written);
    await written;
    const begun = beginProcess(app, { ROOKERY_CONFIG: config, REDIS_URL: redisUrl }, folder);
    this.#begun.add(begun);
    return begun;
  }

  /** Waits until the processes share out everything as placement says; with few keys that may be nothing for one of them. */
  async shared(realm: 'accounts' | 'partitions', processes: readonly RunningProcess[]): Promise<void> {
    const what = `${processes.length} processes share the ${realm}`;
    await until(what, () => this.isShared(realm, processes));
    if (realm === 'accounts') await this.online(this.fleet.accounts.length, processes);
  }

  /** Whether each of the processes holds what placement gives it, and no more. */
  async isShared(realm: 'accounts' | 'partitions', processes: readonly RunningProcess[]): Promise<boolean> {
    const texts = await Promise.all(processes.map((process) => process.metrics()));
    const nodes = texts.map((text) => ({ node: nodeIn(text), capacity: Infinity, zone: '', draining: false }));
    const keys = realm === 'accounts' ? this.fleet.accounts.map(({ selfId }) => selfId) : PARTITION_KEYS;
    const owners = [...place({ keys, nodes }).values()].map(({ owner }) => owner);
    return texts.every((text) => {
      const due = owners.filter((owner) => owner === nodeIn(text)).length;
      return metricValue(text, `rookery_leases_held{realm="${realm}"}`) === due;
    });
  }

  async online(accounts: number, processes: readonly RunningProcess[], withinMs?: number): Promise<void> {
    const what = `${accounts} accounts are online`;
    const sum = async () => {
      const texts = await Promise.all(processes.map((process) => process.metrics()));
      return texts.reduce((total, text) => total + metricValue(text, 'rookery_accounts{state="online"}'), 0);
    };
    await until(what, async () => (await sum()) === accounts, withinMs);
  }

  /** The accounts for which a connector speaks. */
  async accountsOf(process: RunningProcess): Promise<string[]> {
    const node = nodeIn(await process.metrics());
    const posted = await new AccountBoard(this.client).all();
    return posted.filter((status) => status.node === node).map(({ self }) => self);
  }

  /** The n-th of a series of questions to an account. */
  ask(self: string, tag: string, n: number): void {
    this.fleet.world.say(String(FRIENDS[n % FRIENDS.length]), { private: self }, `/ping ${tag} ${n}`);
  }

  /** Which questions of a series an account has answered, in rising order. */
  answers(self: string, tag: string): number[] {
    return [...(this.#answers.get(`${self} ${tag}`) ?? [])].sort((a, b) => a - b);
  }

  /**
   * Actions that came over a connection after a later connection of the account had been used. With accounts that are attached
   * once, that is a former holder who still acts.
   */
  get staleActions(): number {
    return this.#staleActions;
  }

  /**
   * Times that an account went back to a connection over which it had acted before. Two connectors that act for it at the same time
   * cause one after the other; a former holder who rightly gets it back causes one.
   */
  comebacks(self: string): number {
    return this.#comebacks.get(self) ?? 0;
  }

  #note({ self, connection, text }: SentRecord): void {
    const newest = this.#newest.get(self) ?? connection;
    if (connection < newest) this.#staleActions += 1;
    this.#newest.set(self, Math.max(newest, connection));
    const used = this.#connections.get(self) ?? [];
    if (used.at(-1) !== connection) {
      if (used.includes(connection)) this.#comebacks.set(self, this.comebacks(self) + 1);
      this.#connections.set(self, [...used.filter((other) => other !== connection), connection]);
    }
    const [, tag, n] = /pong (\S+) (\d+)/.exec(text ?? '') ?? [];
    if (tag === undefined) return;
    const numbers = this.#answers.get(`${self} ${tag}`) ?? [];
    numbers.push(Number(n));
    this.#answers.set(`${self} ${tag}`, numbers);
  }

  /** The lines that the plugin has written so far. */
  notes(): string[] {
    const file = join(this.dir, NOTES);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** Whether every friend got the answers in the order of the questions. */
  inOrder(self: string, tag: string): boolean {
    const pattern = new RegExp(`pong ${tag} (\\d+)`);
    return FRIENDS.every((friend) => {
      const texts = this.fleet.world.audit
        .sent({ self, user: friend })
        .map(({ text }) => pattern.exec(text ?? '')?.[1]);
      const numbers = texts.flatMap((found) => (found === undefined ? [] : [Number(found)]));
      return numbers.every((n, at) => at === 0 || n > Number(numbers[at - 1]));
    });
  }

  async stop(): Promise<void> {
    for (const process of this.#begun) {
      // One that a failed test left stopped would not hear SIGTERM.
      process.signal('SIGCONT');
    }
    await Promise.all([...this.#begun].map((process) => process.stop()));
    await this.fleet.close();
    this.client.disconnect();
    await this.redis.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The name of the node whose metrics these are. */
export function nodeIn(metrics: string): string {
  const node = /rookery_build_info\{[^}]*node="([^"]+)"/.exec(metrics)?.[1];
  if (node === undefined) throw new Error('the metrics do not say whose they are');
  return node;
}

export async function heldBy(process: RunningProcess, realm: 'accounts' | 'partitions'): Promise<number> {
  return metricValue(await process.metrics(), `rookery_leases_held{realm="${realm}"}`);
}
