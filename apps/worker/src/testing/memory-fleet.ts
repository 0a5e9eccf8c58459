import { milliseconds, type Duration, type Log } from '@rookery/plugin-kit';
import {
  DEFAULT_POOL,
  eventId,
  FakeClock,
  groupConversation,
  groupId,
  messageId,
  messageSeq,
  plainText,
  privateConversation,
  RookeryError,
  selfId,
  toSegments,
  userId,
  type Action,
  type BroadcastDetails,
  type BroadcastId,
  type Event,
  type GroupId,
  type MessageEvent,
  type MessageLike,
  type NoticeKind,
  type Segment,
  type SelfId,
  type UserId,
} from '@rookery/protocol';
import type { Decide, GroupRole, Said, TestFleet, TestFleetOptions, TestUser } from './fleet';
import type { BroadcastProgress } from './memory-broadcasts';
import { MemoryCluster } from './memory-cluster';
import { TestWorker } from './test-worker';

/** Rounds of the event loop in which nothing happens before everything is taken to be done. */
const QUIET_TURNS = 3;

/** A fleet in memory: the worker's own stages with plugins in them, and people who speak to it. */
export class MemoryFleet implements TestFleet {
  readonly isReal = false;
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  readonly runs: { readonly plugin: string; readonly handler: string }[] = [];
  readonly counts = new Map<string, number>();
  readonly #cluster = new MemoryCluster(this.clock);
  readonly #accounts: readonly SelfId[];
  readonly #offline = new Set<SelfId>();
  readonly #failures: Error[] = [];
  #worker: TestWorker;
  #events = 0;

  private constructor(private readonly options: TestFleetOptions) {
    this.#accounts = (options.accounts ?? ['10001']).map(selfId);
    this.#worker = this.#newWorker();
  }

  static async start(options: TestFleetOptions): Promise<MemoryFleet> {
    const fleet = new MemoryFleet(options);
    await fleet.#worker.start();
    return fleet;
  }

  get actions(): readonly Action[] {
    return this.#cluster.actions;
  }

  get said(): readonly Said[] {
    return this.actions.flatMap(saidBy);
  }

  get broadcasts(): readonly BroadcastDetails[] {
    return this.#cluster.broadcasts.all;
  }

  broadcastProgress(id: BroadcastId, progress: BroadcastProgress): void {
    this.#cluster.broadcasts.progress(id, progress);
  }

  get questions(): number {
    return this.#worker.asks.size;
  }

  user(number: string): TestUser {
    return new MemoryUser(this, userId(number));
  }

  decide(decide: Decide): void {
    this.#cluster.decide = decide;
  }

  async goOffline(account: string): Promise<void> {
    this.#offline.add(selfId(account));
  }

  async goOnline(account: string): Promise<void> {
    this.#offline.delete(selfId(account));
  }

  async notice(kind: NoticeKind, group: string, about: string, fields: object = {}): Promise<readonly Said[]> {
    const conversation = groupConversation(DEFAULT_POOL, groupId(group));
    const common = { type: 'notice', kind, groupId: groupId(group), userId: userId(about), fields: {}, ...fields };
    return this.deliver((base) => ({ ...base, conversation, ...common }) as Event, this.#online());
  }

  async request(kind: 'friend' | 'group.add' | 'group.invite', from: string, fields: object = {}): Promise<void> {
    const [self] = this.#online();
    const common = { type: 'request', kind, userId: userId(from), comment: '', flag: `flag-${from}`, ...fields };
    await this.deliver((base) => ({ ...base, ...common }) as Event, self === undefined ? [] : [self]);
  }

  tick(schedule: string): Promise<readonly Said[]> {
    if (!this.#worker.schedules.includes(schedule)) {
      const known = this.#worker.schedules.join(', ') || 'none';
      return Promise.reject(
        new RookeryError('PLUGIN_INVALID', `there is no schedule "${schedule}"; there are: ${known}`),
      );
    }
    const make = ({ n, ...base }: EventBase): Event => {
      const id = eventId(`t.${schedule}.${n}`);
      return { ...base, id, type: 'schedule', kind: schedule, tick: base.time };
    };
    return this.deliver(make, this.#online().slice(0, 1));
  }

  async advance(time: Duration): Promise<readonly Said[]> {
    const before = this.said.length;
    await this.clock.advanceAsync(milliseconds(time));
    await this.#quiet();
    return this.#since(before);
  }

  async restart(plugins: TestFleetOptions['plugins'] = this.options.plugins): Promise<void> {
    this.#worker.stop();
    this.#worker = this.#newWorker(plugins);
    await this.#worker.start();
  }

  close(): Promise<void> {
    this.#worker.stop();
    return Promise.resolve();
  }

  /** Has all these accounts see an event; resolves with what was said when it is handled. Rejects when a handler failed. */
  async deliver(make: (base: EventBase) => Event, accounts: readonly SelfId[]): Promise<readonly Said[]> {
    const before = this.said.length;
    const n = ++this.#events;
    const now = this.clock.now();
    const settled = accounts.map(async (self) => {
      const base = { id: eventId(`m.${self}.t${n}`), n, self, pool: DEFAULT_POOL, time: now, receivedAt: now };
      return await this.#worker.conversations.deliver(
        make({ ...base, conversation: `account:${self}` as Event['conversation'] }),
      );
    });
    // The grace time for copies is nothing here, but it is a timer all the same.
    await this.clock.advanceAsync(0);
    await Promise.all(settled);
    await this.#quiet();
    return this.#since(before);
  }

  /** Accounts that see what happens. */
  online(): readonly SelfId[] {
    return this.#online();
  }

  #online(): readonly SelfId[] {
    return this.#accounts.filter((self) => !this.#offline.has(self));
  }

  #since(before: number): readonly Said[] {
    const [failure] = this.#failures.splice(0);
    if (failure) throw failure;
    return this.said.slice(before);
  }

  async #quiet(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await this.#worker.conversations.drain();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #newWorker(plugins = this.options.plugins): TestWorker {
    const { prefixes = ['/'], locale = 'zh', superusers = [], config = {}, permissions = {} } = this.options;
    return new TestWorker({
      plugins: plugins.map((plugin) => new plugin()),
      cluster: this.#cluster,
      accounts: this.#accounts,
      isOnline: (self) => !this.#offline.has(self),
      prefixes,
      locale,
      superusers,
      permissions,
      config,
      clock: this.clock,
      log: this.#log(),
      metrics: {
        count: (name, by = 1) => void this.counts.set(name, (this.counts.get(name) ?? 0) + by),
        observe: () => undefined,
      },
      onFailure: (error) => void this.#failures.push(error),
      onRan: (plugin, handler) => void this.runs.push({ plugin, handler }),
    });
  }

  #log(): Log {
    const ignore = (): void => undefined;
    const warn = (_fields: object, text: string): void => void this.warnings.push(text);
    return { debug: ignore, info: ignore, warn, error: warn, child: () => this.#log() };
  }
}

interface EventBase {
  readonly id: Event['id'];
  /** Counts the events of the fleet. */
  readonly n: number;
  readonly self: SelfId;
  readonly pool: Event['pool'];
  readonly conversation: Event['conversation'];
  readonly time: number;
  readonly receivedAt: number;
}

class MemoryUser implements TestUser {
  readonly #fleet: MemoryFleet;
  readonly #number: UserId;
  readonly #group: GroupId | undefined;
  readonly #role: GroupRole;

  constructor(fleet: MemoryFleet, number: UserId, group?: GroupId, role: GroupRole = 'member') {
    this.#fleet = fleet;
    this.#number = number;
    this.#group = group;
    this.#role = role;
  }

  in(group: string, role: GroupRole = 'member'): TestUser {
    return new MemoryUser(this.#fleet, this.#number, groupId(group), role);
  }

  says(message: MessageLike): Promise<readonly Said[]> {
    const segments = toSegments(message);
    const accounts = this.#group === undefined ? this.#fleet.online().slice(0, 1) : this.#fleet.online();
    return this.#fleet.deliver(({ n, ...base }) => this.#message(base, n, segments), accounts);
  }

  #message(base: Omit<EventBase, 'n'>, n: number, segments: readonly Segment[]): MessageEvent {
    const group = this.#group;
    const user = this.#number;
    const place =
      group === undefined
        ? { conversation: privateConversation(base.self, user), scene: { kind: 'private', userId: user } as const }
        : {
            conversation: groupConversation(base.pool, group),
            scene: { kind: 'group', groupId: group } as const,
            seq: messageSeq(String(n)),
          };
    return {
      ...base,
      ...place,
      type: 'message',
      subType: group === undefined ? 'friend' : 'normal',
      messageId: messageId(`${base.self}${n}`),
      sender: { userId: user, nickname: `user ${user}`, card: '', ...(group !== undefined && { role: this.#role }) },
      segments,
      text: plainText(segments),
      own: false,
    };
  }
}

function saidBy(action: Action): Said[] {
  const { message } = action.params;
  if (!Array.isArray(message)) return [];
  const segments = message as readonly Segment[];
  return [{ self: action.self, text: plainText(segments), segments, action }];
}
