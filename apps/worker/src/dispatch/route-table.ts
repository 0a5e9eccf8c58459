import { checkManifests, type PluginManifest } from '@rookery/plugin-kit';
import type { Event, Segment } from '@rookery/protocol';
import { CommandTable, type Named } from './command-table';

/** A method of a plugin that can be run. */
export interface Route {
  readonly plugin: string;
  readonly handler: string;
  /** Milliseconds; absent where the plugin does not say. */
  readonly deadlineMs?: number;
  /** It is called by a command: somebody waits for the answer. */
  readonly command?: true;
}

/** A handler that wants an event. */
export interface Match {
  readonly route: Route;
  /** For messages: what follows the command, or everything where no command was called. */
  readonly rest: readonly Segment[];
}

const NONE: readonly Match[] = [];

/** Which handlers want an event: made once from the manifests, runs no plugin code. */
export class RouteTable {
  readonly #commands: CommandTable<Route>;
  readonly #listeners = new Map<string, Route[]>();
  /** Types with a listener for one of their kinds. */
  readonly #kindsMatter = new Set<string>();

  /** Throws PLUGIN_INVALID. */
  constructor(manifests: readonly PluginManifest[], prefixes: readonly string[], fleet: ReadonlySet<string>) {
    checkManifests(manifests);
    const named: Named<Route>[] = [];
    for (const { id, commands, listeners } of manifests) {
      for (const command of commands) {
        const route: Route = { ...routeOf(id, command), command: true };
        for (const name of [command.name, ...command.alias]) named.push({ name, route });
      }
      for (const listener of listeners) this.#listen(listener.selector, routeOf(id, listener));
    }
    this.#commands = new CommandTable(named, prefixes, fleet);
  }

  /** The command first, then those who listen, in the order of the plugins. */
  match(event: Event): readonly Match[] {
    const command = event.type === 'message' ? this.#commands.match(event) : undefined;
    const all = this.#listeners.get(event.type);
    const some = this.#kindsMatter.has(event.type) ? this.#listeners.get(`${event.type}.${kindOf(event)}`) : undefined;
    if (!command && !all && !some) return NONE;
    const rest = event.type === 'message' ? event.segments : [];
    const listening = [...(all ?? []), ...(some ?? [])].map((route) => ({ route, rest }));
    return command ? [command, ...listening] : listening;
  }

  #listen(selector: string, route: Route): void {
    const routes = this.#listeners.get(selector);
    if (routes) routes.push(route);
    else this.#listeners.set(selector, [route]);
    const [type, kind] = selector.split('.', 2);
    if (type !== undefined && kind !== undefined) this.#kindsMatter.add(type);
  }
}

function kindOf(event: Event): string {
  return event.type === 'message' ? event.scene.kind : event.kind;
}

function routeOf(
  plugin: string,
  { method, deadlineMs }: { readonly method: string; readonly deadlineMs?: number },
): Route {
  return { plugin, handler: method, ...(deadlineMs !== undefined && { deadlineMs }) };
}
