import type { ConfigLayers } from '@rookery/plugin-kit';
import {
  scopesOf,
  SECOND,
  toError,
  type Clock,
  type EventHead,
  type PluginSetting,
  type SettingScope,
} from '@rookery/protocol';

import type { Access } from './access';

/** Where operators write what they set about plugins. */
export interface SettingsSource {
  version(): Promise<number>;
  read(): Promise<{ readonly version: number; readonly settings: readonly PluginSetting[] }>;
}

export interface LiveAccessOptions {
  readonly source: SettingsSource;
  /** Numbers of people who may do everything. */
  readonly superusers: readonly string[];
  readonly clock: Clock;
  readonly onTrouble: (error: Error) => void;
  /** Told after each change, with the configuration layers of every plugin that has any. */
  readonly onConfig: (layers: ReadonlyMap<string, ConfigLayers>) => void;
}

/** A lost notice of a change costs at most this long. */
const LOOK_MS = 10 * SECOND;

/**
 * The settings of plugins in memory. They are read when their version has changed, which is looked at now and then and whenever
 * somebody says so; an event asks nobody. While Redis is away what was known goes on to hold.
 */
export class LiveAccess implements Access {
  readonly #superusers: ReadonlySet<string>;
  #switches = new Map<string, boolean>();
  #grants = new Set<string>();
  #version: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(private readonly options: LiveAccessOptions) {
    this.#superusers = new Set(options.superusers);
  }

  get superusers(): readonly string[] {
    return this.options.superusers;
  }

  /** Resolves when the settings have been looked at once. */
  async start(): Promise<void> {
    await this.look();
    this.#cancel = this.options.clock.after(LOOK_MS, () => void this.start());
  }

  stop(): void {
    this.#cancel();
  }

  /** Something may have changed. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#read())
      .catch((thrown: unknown) => this.options.onTrouble(toError(thrown)));
    return this.#looking;
  }

  isOn(plugin: string, handler: string | undefined, event: EventHead, unset = true): boolean {
    if (this.#switches.size === 0) return unset;
    const scopes = scopesOf(event);
    if (this.#switch(`${plugin}|`, scopes) === false) return false;
    return handler === undefined || (this.#switch(`${plugin}|${handler}`, scopes) ?? unset);
  }

  isSuperuser(user: string): boolean {
    return this.#superusers.has(user);
  }

  isGranted(user: string, grant: string, event: EventHead): boolean {
    if (this.#grants.size === 0) return false;
    return scopesOf(event).some((scope) => this.#grants.has(`${grant}|${user}|${scope}`));
  }

  #switch(what: string, scopes: readonly SettingScope[]): boolean | undefined {
    for (let at = scopes.length - 1; at >= 0; at--) {
      const on = this.#switches.get(`${what}|${scopes[at]}`);
      if (on !== undefined) return on;
    }
    return undefined;
  }

  async #read(): Promise<void> {
    if ((await this.options.source.version()) === this.#version) return;
    const { version, settings } = await this.options.source.read();
    const switches = new Map<string, boolean>();
    const grants = new Set<string>();
    const layers = new Map<string, Record<string, Readonly<Record<string, unknown>>>>();
    for (const setting of settings) {
      if (setting.kind === 'switch')
        switches.set(`${setting.plugin}|${setting.handler ?? ''}|${setting.scope}`, setting.on);
      else if (setting.kind === 'grant') grants.add(`${setting.grant}|${setting.user}|${setting.scope}`);
      else layers.set(setting.plugin, { ...layers.get(setting.plugin), [setting.scope]: setting.value });
    }
    this.#switches = switches;
    this.#grants = grants;
    this.#version = version;
    this.options.onConfig(layers);
  }
}
