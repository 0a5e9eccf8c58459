import type { Backing, Sender, SenderRequest, Suspension } from '@rookery/plugin-kit';
import type {
  BroadcastDetails,
  BroadcastOrder,
  Clock,
  Event,
  FleetStatus,
  SettingsAnswer,
  SettingsRequest,
  StorageAnswer,
  StorageRequest,
} from '@rookery/protocol';
import type { FailedHandling, SuspendedHandling } from '@rookery/redis';
import type { Access } from './access';
import { requireBroadcastRight } from './broadcast-right';
import { requireBroadcastRights, type Judge } from './plugin-rights';
import type { Match } from './route';

/** What the worker has for handlers besides the outbox. */
export interface HandlerBacking {
  storage(plugin: string, request: StorageRequest): Promise<StorageAnswer>;
  sender(request: SenderRequest): Promise<Sender | undefined>;
  /** Whether who asks has the right was looked at before. */
  broadcast(plugin: string, order: BroadcastOrder): Promise<readonly BroadcastDetails[]>;
  /** On behalf of who spoke. */
  settings(event: Event, request: SettingsRequest): Promise<SettingsAnswer>;
  /** With the account and pool of the event. */
  fleet(event: Event): Promise<FleetStatus>;
}

/** Where handlers are kept that wait for an answer. */
export interface AskKeeper {
  /** Rejects with ASK_REFUSED when there is no room, and when it cannot be stored now. */
  keep(suspended: SuspendedHandling): Promise<void>;
}

export interface RunBackingOptions {
  readonly backing: HandlerBacking;
  readonly asks: AskKeeper;
  readonly clock: Clock;
  readonly access?: Access;
}

/** `asked`: the handler waits for an answer. `declined`: what came was none, and it waits as before. */
export type Waits = 'no' | 'asked' | 'declined';

/** One run of a handler. `asked`: the question that it goes on from. */
export interface Run {
  readonly match: Match;
  readonly before: FailedHandling;
  readonly asked: SuspendedHandling['ask'] | undefined;
  readonly rights: Judge;
}

/** What a run of a handler has of the worker besides the outbox, on behalf of its plugin and its event. */
export class RunBacking implements Backing {
  #waits: Waits = 'no';

  /** `usableIn`: commands that the sender of an event may use, as `plugin.handler`. */
  constructor(
    private readonly options: RunBackingOptions,
    private readonly usableIn: (event: Event) => readonly string[],
    private readonly run: Run,
  ) {}

  get waits(): Waits {
    return this.#waits;
  }

  storage(request: StorageRequest): Promise<StorageAnswer> {
    return this.options.backing.storage(this.run.match.route.plugin, request);
  }

  sender(request: SenderRequest): Promise<Sender | undefined> {
    return this.options.backing.sender(request);
  }

  async broadcast(order: BroadcastOrder): Promise<readonly BroadcastDetails[]> {
    const { match, before, rights } = this.run;
    const { access, backing } = this.options;
    requireBroadcastRight(before.event, access);
    if (order.do === 'start') requireBroadcastRights(rights, before.event, order.request);
    return backing.broadcast(match.route.plugin, order);
  }

  settings(request: SettingsRequest): Promise<SettingsAnswer> {
    return this.options.backing.settings(this.run.before.event, request);
  }

  fleet(): Promise<FleetStatus> {
    return this.options.backing.fleet(this.run.before.event);
  }

  superusers(): Promise<readonly string[]> {
    return Promise.resolve(this.options.access?.superusers ?? []);
  }

  usable(): Promise<readonly string[]> {
    return Promise.resolve(this.usableIn(this.run.before.event));
  }

  async suspend({ declined, withinMs, journal, ...question }: Suspension): Promise<void> {
    const { match, before, asked } = this.run;
    if (declined === true && asked) {
      this.#waits = 'declined';
      return;
    }
    const { plugin, handler } = match.route;
    const { asks, clock } = this.options;
    const now = clock.now();
    const ask = { ...question, since: now, until: now + withinMs };
    await asks.keep({ ...before, plugin, handler, match, journal, ask });
    this.#waits = 'asked';
  }
}
