import type { Duration, Locale } from '@rookery/plugin-kit';
import type {
  Action,
  ActionResult,
  BroadcastDetails,
  BroadcastId,
  MessageLike,
  NoticeKind,
  Segment,
} from '@rookery/protocol';
import type { BroadcastProgress } from './memory-broadcasts';

export interface TestFleetOptions {
  /** Classes with `@BotPlugin`. */
  readonly plugins: readonly PluginClass[];
  /** Numbers of the accounts; all of them are in every group. Default one, 10001. */
  readonly accounts?: readonly string[];
  /** Default `/`. */
  readonly prefixes?: readonly string[];
  readonly locale?: Locale;
  /** Numbers of people who may do everything. */
  readonly superusers?: readonly string[];
  /** What plugins may do that others may not, by their ids, as `permissions` of rookery.yaml would grant it. */
  readonly permissions?: Readonly<Record<string, readonly string[]>>;
  /** Settings of plugins by their ids, as rookery.yaml would give them. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type PluginClass = new () => object;

export type GroupRole = 'owner' | 'admin' | 'member';

/** What a plugin asked of NapCat. */
export type FleetAction = Pick<Action, 'self' | 'name' | 'params'>;

/** What a test decides about an action instead of NapCat; undefined: it is sent. */
export type Decide = (action: FleetAction) => Partial<ActionResult> | undefined;

/** Something that the fleet said. */
export interface Said {
  /** The account that said it. */
  readonly self: string;
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly action: FleetAction;
}

/** A fleet with plugins in it, and people who speak to it. In memory, or, with `real`, of processes, Redis and sockets. */
export interface TestFleet {
  /** Time passes by itself, and code runs in threads of other processes. */
  readonly isReal: boolean;
  readonly clock: { now(): number };
  /** Warnings and errors that were logged. */
  readonly warnings: readonly string[];
  /** Handlers that were run, in the order in which they ended; each part of one that asked counts. Only in memory. */
  readonly runs: readonly { readonly plugin: string; readonly handler: string }[];
  /** Counted by plugins: name → sum. */
  readonly counts: ReadonlyMap<string, number>;
  /** All that was asked of NapCat so far. A real fleet leaves out what only reads. */
  readonly actions: readonly FleetAction[];
  /** All that was said so far. */
  readonly said: readonly Said[];
  /** What plugins have begun, newest first; nobody carries it out. Only in memory: a real fleet carries it out. */
  readonly broadcasts: readonly BroadcastDetails[];
  /** Handlers that wait for an answer. */
  readonly questions: number;
  /** `total: 3, sent: 2`: so many of its targets have that outcome. When nothing is left it has ended. Only in memory. */
  broadcastProgress(id: BroadcastId, progress: BroadcastProgress): void;
  user(number: string): TestUser;
  /** What NapCat makes of actions from now on; whatever is left undefined is sent. A real one can refuse, or answer with `data`. */
  decide(decide: Decide): void;
  /** The account hears and says nothing from now on. */
  goOffline(account: string): Promise<void>;
  goOnline(account: string): Promise<void>;
  /** A notice in a group, as all accounts there see it. */
  notice(kind: NoticeKind, group: string, about: string, fields?: object): Promise<readonly Said[]>;
  /** A friend request, or one to join a group, to one account. */
  request(kind: 'friend' | 'group.add' | 'group.invite', from: string, fields?: object): Promise<void>;
  /**
   * The time of a schedule has come: `tick('news.morning')` runs the `@Every` method `morning` of the plugin `news`, as the first account.
   * Rejects when there is none. Only in memory.
   */
  tick(schedule: string): Promise<readonly Said[]>;
  /** Time passes, and what falls due happens, but for schedules. A real fleet waits as long, at most 30 seconds. */
  advance(time: Duration): Promise<readonly Said[]>;
  /** The worker dies, and another one, which knows only what is stored, takes over; the plugins may be others then. */
  restart(plugins?: readonly PluginClass[]): Promise<void>;
  /** Ends it and takes everything away. One in memory needs none; real ones end with the test's process at the latest. */
  close(): Promise<void>;
}

/** Somebody who speaks to the fleet: in private, or in a group. */
export interface TestUser {
  /** The same person in a group. */
  in(group: string, role?: GroupRole): TestUser;
  /** Resolves with what was said because of it. Rejects when a handler failed. */
  says(message: MessageLike): Promise<readonly Said[]>;
}
