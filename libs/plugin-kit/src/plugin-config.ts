import { RookeryError, scopesOf, type Event, type SettingScope } from '@rookery/protocol';
import { z } from 'zod';

/** What operators have set of one plugin's configuration at run time, by scope. */
export type ConfigLayers = Readonly<Partial<Record<SettingScope, Values>>>;

type Values = Readonly<Record<string, unknown>>;

export interface PluginConfigOptions {
  /** Id of the plugin. */
  readonly plugin: string;
  /** Of `@BotPlugin`; without it every configuration fits. */
  readonly schema?: z.ZodType | undefined;
  /** What rookery.yaml says; under all that is set at run time. */
  readonly base: Values;
  /** Told once per scope and change that what is set there does not fit; the wider scope holds in its place. */
  readonly onUnfit: (message: string) => void;
}

const KEPT_MAX = 1_000;

/**
 * The configuration of a plugin where an event happened: what rookery.yaml says, then global, pool, account, group, each key of a
 * narrower scope in place of that of a wider one. A scope that does not fit the schema is left out.
 */
export class PluginConfig {
  #layers: ConfigLayers = {};
  /** By the scopes that had a say. */
  #kept = new Map<string, unknown>();
  #told = new Set<SettingScope>();

  /** Throws PLUGIN_INVALID when what rookery.yaml says does not fit. */
  constructor(private readonly options: PluginConfigOptions) {
    this.#of([]);
  }

  /** Everything that is set now; what was set before and is not in it is gone. */
  set(layers: ConfigLayers): void {
    this.#layers = layers;
    this.#kept = new Map();
    this.#told = new Set();
  }

  /** For the constructor of the plugin: what holds everywhere. */
  get base(): unknown {
    return this.#of([]);
  }

  at(event: Event): unknown {
    return this.#of(scopesOf(event).filter((scope) => this.#layers[scope] !== undefined));
  }

  #of(scopes: readonly SettingScope[]): unknown {
    const key = scopes.join('|');
    if (this.#kept.has(key)) return this.#kept.get(key);
    const made = this.#make(scopes);
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }

  #make(scopes: readonly SettingScope[]): unknown {
    const { plugin, base } = this.options;
    let values = base;
    const first = this.#parse(values);
    if (!first.ok)
      throw new RookeryError('PLUGIN_INVALID', `the config of plugin ${plugin} in rookery.yaml: ${first.problem}`);
    let config = first.config;
    for (const scope of scopes) {
      const merged = { ...values, ...this.#layers[scope] };
      const parsed = this.#parse(merged);
      if (parsed.ok) [values, config] = [merged, parsed.config];
      else this.#tell(scope, parsed.problem);
    }
    return config;
  }

  #parse(
    values: Values,
  ): { readonly ok: true; readonly config: unknown } | { readonly ok: false; readonly problem: string } {
    const parsed = this.options.schema?.safeParse(values);
    if (!parsed) return { ok: true, config: values };
    return parsed.success ? { ok: true, config: parsed.data } : { ok: false, problem: z.prettifyError(parsed.error) };
  }

  #tell(scope: SettingScope, problem: string): void {
    if (this.#told.has(scope)) return;
    this.#told.add(scope);
    const { plugin, onUnfit } = this.options;
    onUnfit(
      `the configuration of plugin ${plugin} for ${scope} does not fit, the wider one holds there; ` +
        `change it with \`rookery plugin config ${plugin} --scope ${scope}\`: ${problem}`,
    );
  }
}
