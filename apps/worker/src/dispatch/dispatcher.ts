import { EventEmitter } from 'node:events';
import { catalogueOf, type Locale, type Log, type Outbox } from '@rookery/plugin-kit';
import {
  RookeryError,
  SECOND,
  type AnswerRecord,
  type Clock,
  type Event,
  type EventId,
  type MessageHead,
} from '@rookery/protocol';
import type { FailedHandling, SuspendedHandling } from '@rookery/redis';
import type { PluginHost } from '../host';
import type { Access } from './access';
import { Answers } from './answers';
import { AttemptOutbox } from './attempt-outbox';
import { GuardedOutbox } from './guarded-outbox';
import { PluginRights, type Permitted, type RightUse } from './plugin-rights';
import { failedHandling } from './failures';
import { CooldownWatch, type CooldownStore } from './cooldown-watch';
import type { Answer, Match, Route } from './route';
import { RouteTable } from './route-table';
import { RunBacking, type AskKeeper, type HandlerBacking, type Waits } from './run-backing';
import type { Settled } from './settled';

export interface HandlerRun {
  readonly event: EventId;
  readonly plugin: string;
  readonly handler: string;
  readonly seconds: number;
  /** From reading the frame to the start of the handler, milliseconds; undefined where it is not the first attempt. */
  readonly lagMs: number | undefined;
  /** Undefined when all went well. */
  readonly error: RookeryError | undefined;
}

export interface DispatcherEvents {
  /** A handler has ended, or was given up. */
  ran: [run: HandlerRun];
  /** Somebody was told something in place of a handler's run, or, on an error, was not. */
  answered: [event: EventId, route: Route, kind: Answer['kind'] | 'cooldown', error: RookeryError | undefined];
  /** A plugin asked for what it takes a right to ask for. */
  rightUsed: [use: RightUse];
  /** Redis did not tell whether a cooldown was over; the handler was run. */
  cooldownUnknown: [error: Error];
}

/** Where events go whose handler has failed. */
export interface FailureKeeper {
  /** Resolves when the failure is stored: it will be tried again, or is kept for a person to look at. Never rejects. */
  keep(failed: FailedHandling, error: RookeryError): Promise<void>;
}

export interface DispatcherOptions {
  readonly plugins: readonly PluginHost[];
  /** What begins a command; "" means that none is needed. */
  readonly prefixes: readonly string[];
  /** Numbers of all accounts of the fleet. */
  readonly fleet: ReadonlySet<string>;
  readonly outbox: Outbox;
  readonly failures: FailureKeeper;
  readonly asks: AskKeeper;
  readonly backing: HandlerBacking;
  readonly clock: Clock;
  readonly log: Log;
  readonly locale: Locale;
  /** What plugins may do that others may not. */
  readonly permissions?: Permitted;
  /** Without it everything is switched on, and nobody has grants. */
  readonly access?: Access;
  /** Without it there are no cooldowns. */
  readonly cooldowns?: CooldownStore;
  /** For handlers that declare none, in milliseconds. */
  readonly deadlineMs?: number;
}

export interface Resumed {
  readonly settled: Settled;
  readonly waits: Waits;
}

const DEADLINE_MS = 30 * SECOND;

/** Finds the handlers that want an event and has them run, each under its deadline, by the hosts of their plugins. */
export class Dispatcher extends EventEmitter<DispatcherEvents> {
  readonly #routes: RouteTable;
  readonly #hosts: ReadonlyMap<string, PluginHost>;
  readonly #answers: Answers;
  readonly #cooldowns: CooldownWatch;
  readonly #rights: PluginRights;
  readonly #usable = (event: Event): readonly string[] => this.#routes.usable(event);

  /** Throws PLUGIN_INVALID when a plugin claims what another has. */
  constructor(private readonly options: DispatcherOptions) {
    super();
    const { plugins, prefixes, fleet, access, cooldowns, permissions = {} } = options;
    const manifests = plugins.map(({ manifest }) => manifest);
    this.#routes = new RouteTable({ manifests, prefixes, fleet, ...(access && { access }) });
    this.#answers = new Answers(options);
    this.#cooldowns = new CooldownWatch(cooldowns, (error) => this.emit('cooldownUnknown', error));
    this.#rights = new PluginRights(permissions, (use) => this.emit('rightUsed', use));
    this.#hosts = new Map(plugins.map((host) => [host.manifest.id, host]));
    const commands = catalogueOf(manifests, prefixes[0] ?? '');
    for (const host of plugins) host.introduce(commands);
  }

  /** False only where {@link match} would find nothing; told without what is not in the head of a message. */
  mayWant(message: MessageHead): boolean {
    return this.#routes.mayWant(message);
  }

  /** Runs no plugin code. Empty for an event that nothing wants. */
  match(event: Event): readonly Match[] {
    return this.#routes.match(event);
  }

  /** One handler after the other; one that fails does not keep the event from the next, and its failure is stored. */
  run(event: Event, matches: readonly Match[]): Promise<Settled> {
    return this.#runAll(matches, (match) => failedHandling(event, match.route));
  }

  /** Runs the handler that has failed once more; what comes of it is kept as by `run`. */
  async repeat(failed: FailedHandling): Promise<Settled> {
    const { plugin, handler } = failed;
    const matches = this.match(failed.event).filter(
      ({ route, answer }) => !answer && route.plugin === plugin && route.handler === handler,
    );
    const settled = await this.#runAll(matches, () => failed);
    if (settled.result === 'skipped') {
      const text = `handler ${plugin}.${handler} cannot repeat event ${failed.event.id}: it is switched off or not there any more`;
      await this.options.failures.keep(failed, new RookeryError('PLUGIN_OFF', text));
    }
    return settled;
  }

  async #runAll(matches: readonly Match[], before: (match: Match) => FailedHandling): Promise<Settled> {
    let failure: RookeryError | undefined;
    let ran = false;
    for (const match of matches) {
      const failed = before(match);
      const answered = speaksFor(match) && (await this.#answer(match, failed));
      const host = this.#hosts.get(match.route.plugin);
      if (!answered && (!host || host.switchedOff)) continue;
      ran = true;
      if (answered || !host) continue;
      const { error } = await this.#perform(host, match, failed);
      failure ??= error;
    }
    if (!ran) return { result: 'skipped', reason: 'plugin_off' };
    return failure ? { result: 'failed', reason: failure.code } : { result: 'handled' };
  }

  /** Says what there is to say in place of the handler's run; false when the handler is to be run. */
  async #answer({ route, answer }: Match, { event, attempts }: FailedHandling): Promise<boolean> {
    if (event.type !== 'message') return false;
    // A repetition has its cooldown behind it.
    const waiting = answer || attempts > 0 ? undefined : await this.#cooldowns.check(route, event);
    if (!answer && !waiting) return false;
    const said = answer ?? waiting?.answer;
    const error = said && (await this.#answers.give(event, route, said));
    this.emit('answered', event.id, route, waiting ? 'cooldown' : (answer?.kind ?? 'usage'), error);
    return true;
  }

  /** Goes on with a handler that was asked for an answer; without one, up to the question that it has put already. */
  async resume(asked: SuspendedHandling, answer: AnswerRecord | undefined): Promise<Resumed> {
    const { match, ask, ...before } = asked;
    const host = this.#hosts.get(asked.plugin);
    if (!host || host.switchedOff) return { settled: { result: 'skipped', reason: 'plugin_off' }, waits: 'no' };
    const journal = [...(before.journal ?? []), ...(answer ? [{ n: ask.step, step: 'ask', value: answer }] : [])];
    // The match was made by a worker of this cluster, and nothing else writes there.
    const { error, waits } = await this.#perform(host, match as Match, { ...before, journal }, ask);
    return { settled: error ? { result: 'failed', reason: error.code } : { result: 'handled' }, waits };
  }

  /** `asked`: the question that it goes on from. */
  async #perform(
    host: PluginHost,
    match: Match,
    before: FailedHandling,
    asked?: SuspendedHandling['ask'],
  ): Promise<{ readonly error: RookeryError | undefined; readonly waits: Waits }> {
    const { clock } = this.options;
    const { route, rest, input } = match;
    const { event } = before;
    const { plugin, handler } = route;
    const rights = this.#rights.of(host.manifest, { handler, event });
    const guarded = new GuardedOutbox(this.options.outbox, rights, clock);
    const outbox = new AttemptOutbox(guarded, before.attempts, before.done);
    const backing = new RunBacking(this.options, this.#usable, { match, before, asked, rights });
    const started = clock.monotonic();
    const lagMs = before.attempts === 0 ? Math.max(0, clock.now() - event.receivedAt) : undefined;
    const deadlineMs = route.deadlineMs ?? this.options.deadlineMs ?? DEADLINE_MS;
    const journal = before.journal ?? [];
    const error = await host.run({ event, rest, handler, deadlineMs, input, journal, outbox, backing });
    const seconds = (clock.monotonic() - started) / SECOND;
    this.emit('ran', { event: event.id, plugin, handler, seconds, lagMs, error });
    if (error) {
      // What a worker that stops gave up was no attempt.
      const attempts = before.attempts + (error.code === 'HANDLER_INTERRUPTED' ? 0 : 1);
      await this.options.failures.keep({ ...before, attempts, done: outbox.done }, error);
    }
    return { error, waits: backing.waits };
  }
}

/** Most matches have neither, and need not wait to be told so. */
const speaksFor = ({ route, answer }: Match): boolean => answer !== undefined || route.cooldown !== undefined;
