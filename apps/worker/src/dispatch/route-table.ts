import {
  allows,
  checkManifests,
  explain,
  linearRegex,
  readArguments,
  refusal,
  type CommandSpec,
  type LinearRegex,
  type PluginManifest,
} from '@rookery/plugin-kit';
import type { Event, EventHead, MessageEvent, MessageHead, Segment } from '@rookery/protocol';
import { OPEN_ACCESS, type Access } from './access';
import { CommandTable, type Named, type NearMiss } from './command-table';
import { KeywordTable } from './keyword-table';
import { routeOf, type Match, type Route } from './route';

interface CommandRoute {
  readonly route: Route;
  readonly spec: CommandSpec;
}

/** A handler that would take the event; whether it may is not yet asked. */
interface Candidate extends Omit<Match, 'answer'> {
  readonly command?: { readonly spec: CommandSpec; readonly prefix: string };
}

export interface RouteTableOptions {
  readonly manifests: readonly PluginManifest[];
  readonly prefixes: readonly string[];
  readonly fleet: ReadonlySet<string>;
  readonly access?: Access;
}

const NONE: readonly Match[] = [];
/** Longer texts are no messages that people type. */
const MATCHED_MAX = 4_096;
const SUGGESTED_MAX = 8;
/** Speaks for no plugin. */
const SUGGESTION: Route = { plugin: 'rookery', handler: 'suggest', command: true };

/** Which handlers want an event: made once from the manifests, runs no plugin code and asks nobody. */
export class RouteTable {
  readonly #commands: CommandTable<CommandRoute>;
  readonly #keywords: KeywordTable<Route>;
  readonly #regexes: readonly { readonly regex: LinearRegex; readonly route: Route }[];
  readonly #listeners = new Map<string, Route[]>();
  /** Types with a listener for one of their kinds. */
  readonly #kindsMatter = new Set<string>();
  readonly #access: Access;
  readonly #commandRoutes: readonly Route[];

  /** Throws PLUGIN_INVALID. */
  constructor({ manifests, prefixes, fleet, access = OPEN_ACCESS }: RouteTableOptions) {
    checkManifests(manifests);
    this.#access = access;
    const named: Named<CommandRoute>[] = [];
    for (const { id, commands, listeners, schedules } of manifests) {
      for (const spec of commands) {
        const route: Route = { ...routeOf(id, spec), command: true };
        for (const name of [spec.name, ...spec.alias]) named.push({ name, route: { route, spec } });
      }
      for (const listener of listeners) this.#listen(listener.selector, routeOf(id, listener));
      for (const schedule of schedules) this.#listen(`schedule.${id}.${schedule.method}`, routeOf(id, schedule));
    }
    this.#commandRoutes = [...new Set(named.map(({ route: { route } }) => route))];
    this.#commands = new CommandTable(named, prefixes, fleet);
    this.#keywords = new KeywordTable(
      manifests.flatMap(({ id, keywords }) =>
        keywords.map((spec) => ({ words: spec.words, route: routeOf(id, spec) })),
      ),
    );
    this.#regexes = manifests.flatMap(({ id, regexes }) =>
      regexes.map((spec) => ({ regex: linearRegex(spec.source, spec.ignoreCase ?? false), route: routeOf(id, spec) })),
    );
  }

  /** Commands that the sender of the event may use where it happened, as `plugin.handler`. */
  usable(event: Event): readonly string[] {
    return this.#commandRoutes.flatMap((route) =>
      this.#isUsable(route, event) ? [`${route.plugin}.${route.handler}`] : [],
    );
  }

  /**
   * False only where {@link match} would find nothing, which it tells of most messages by their text and their place. It is asked of every message,
   * so it makes nothing that the garbage collector has to take away.
   */
  mayWant(message: MessageHead): boolean {
    if (this.#commands.mayBeCalled(message.text)) return true;
    if (this.#anyUsable(this.#listeners.get(message.type), message)) return true;
    if (this.#anyUsable(this.#listenersOfKind(message), message)) return true;
    const text = matchedPart(message);
    for (const { route } of this.#keywords.find(text)) if (this.#isUsable(route, message)) return true;
    for (const { regex, route } of this.#regexes) if (this.#isUsable(route, message) && regex.find(text)) return true;
    return false;
  }

  /** In the order in which they are to be run: by priority; among equals the command, then what was found, then listeners. */
  match(event: Event): readonly Match[] {
    const candidates: Candidate[] = event.type === 'message' ? this.#called(event) : [];
    this.#listening(event, candidates);
    if (candidates.length === 0) return event.type === 'message' ? this.#suggestion(event) : NONE;
    candidates.sort((a, b) => (b.route.priority ?? 0) - (a.route.priority ?? 0));
    const matches: Match[] = [];
    for (const candidate of candidates) {
      const match = this.#admit(candidate, event);
      // A method can have several decorators; it is one handler, and its actions have one set of ids.
      if (!match || matches.some(({ route }) => isSame(route, match.route))) continue;
      matches.push(match);
      if (match.route.stop) break;
    }
    return matches;
  }

  #called(event: MessageEvent): Candidate[] {
    const { segments } = event;
    const candidates: Candidate[] = [];
    const called = this.#commands.match(event);
    if (called) {
      const { rest, prefix } = called;
      const { route, spec } = called.route;
      candidates.push({ route, rest, command: { spec, prefix } });
    }
    const text = matchedPart(event);
    for (const { word, route } of this.#keywords.find(text)) {
      candidates.push({ route, rest: segments, input: { match: [word] } });
    }
    for (const { regex, route } of this.#regexes) {
      const match = regex.find(text);
      if (match) candidates.push({ route, rest: segments, input: { match } });
    }
    return candidates;
  }

  #listening(event: Event, candidates: Candidate[]): void {
    const all = this.#listeners.get(event.type);
    const some = this.#listenersOfKind(event);
    if (!all && !some) return;
    const rest: readonly Segment[] = event.type === 'message' ? event.segments : [];
    for (const route of [...(all ?? []), ...(some ?? [])]) candidates.push({ route, rest });
  }

  #listenersOfKind(event: EventHead): readonly Route[] | undefined {
    return this.#kindsMatter.has(event.type) ? this.#listeners.get(`${event.type}.${kindOf(event)}`) : undefined;
  }

  /** Undefined when the handler is off, or not for this event. */
  #admit({ route, rest, input, command }: Candidate, event: Event): Match | undefined {
    const { guard } = route;
    if (!this.#isOn(route, event)) return undefined;
    if (guard && !allows(guard, event, this.#access)) {
      const text = command && refusal(guard, event, this.#access);
      return text && { route, rest, answer: { kind: 'refused', text } };
    }
    if (!command) return { route, rest, ...(input && { input }) };
    const read = readArguments(command.spec.pattern, rest);
    if (read.ok) return { route, rest, input: { args: read.args } };
    const text = explain(read.problem, command.spec.pattern, command.prefix);
    return { route, rest, answer: { kind: 'usage', text } };
  }

  /** Only commands that the sender could use: the others are nobody's business. */
  #suggestion(event: MessageEvent): readonly Match[] {
    const miss = this.#commands.nearMiss(event);
    const usable = miss?.commands.filter(({ route: { route } }) => this.#isUsable(route, event)) ?? [];
    if (!miss || usable.length === 0) return NONE;
    return [{ route: SUGGESTION, rest: [], answer: { kind: 'suggestion', text: suggestionText(miss, usable) } }];
  }

  #anyUsable(routes: readonly Route[] | undefined, event: EventHead): boolean {
    if (routes !== undefined) for (const route of routes) if (this.#isUsable(route, event)) return true;
    return false;
  }

  #isOn({ plugin, handler, off }: Route, event: EventHead): boolean {
    return this.#access.isOn(plugin, handler, event, off !== true);
  }

  #isUsable(route: Route, event: EventHead): boolean {
    return this.#isOn(route, event) && (!route.guard || allows(route.guard, event, this.#access));
  }

  #listen(selector: string, route: Route): void {
    const routes = this.#listeners.get(selector);
    if (routes) routes.push(route);
    else this.#listeners.set(selector, [route]);
    const [type, kind] = selector.split('.', 2);
    if (type !== undefined && kind !== undefined) this.#kindsMatter.add(type);
  }
}

/** What keywords and expressions look at. */
function matchedPart({ text }: MessageHead): string {
  return text.length > MATCHED_MAX ? text.slice(0, MATCHED_MAX) : text;
}

function suggestionText({ prefix, typed, kind }: NearMiss<CommandRoute>, commands: readonly Named<CommandRoute>[]) {
  const names = commands.slice(0, SUGGESTED_MAX).map(({ name }) => prefix + name);
  return kind === 'group'
    ? { zh: `${prefix}${typed} 可用：${names.join('、')}`, en: `${prefix}${typed} has: ${names.join(', ')}` }
    : {
        zh: `没有 ${prefix}${typed}，你是不是想用 ${names.join('、')}？`,
        en: `There is no ${prefix}${typed}; did you mean ${names.join(' or ')}?`,
      };
}

const isSame = (a: Route, b: Route): boolean => a.plugin === b.plugin && a.handler === b.handler;

function kindOf(event: EventHead): string {
  return event.type === 'message' ? event.scene.kind : event.kind;
}
