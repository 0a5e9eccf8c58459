import {
  channels,
  isDecimalId,
  RookeryError,
  type PluginSetting,
  type PluginValues,
  type SettingKey,
  type SettingScope,
} from '@rookery/protocol';
import { z } from 'zod';
import type { PluginList, PostedPlugin, SettingsStore, UnfitPlugin } from './ports';

export interface PluginControlOptions {
  readonly board: PluginList;
  readonly settings: SettingsStore;
  /** For the notice of a change, which is never waited for. */
  readonly channel: { emit(channel: typeof channels.pluginSettingsChanged, data: { readonly v: 1 }): void };
}

const GRANT = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/**
 * What an operator may do about plugins at run time: switches, grants and configuration, each for one scope. What is set is
 * checked against what workers posted of the plugin, and reaches every worker at once.
 */
export class PluginControl {
  constructor(private readonly options: PluginControlOptions) {}

  /** What workers have loaded, sorted by id. */
  plugins(): Promise<readonly PostedPlugin[]> {
    return this.options.board.all();
  }

  /** What workers could not load, and why. */
  unfit(): Promise<readonly UnfitPlugin[]> {
    return this.options.board.unfit();
  }

  /** Everything that was set, or all that was set about one plugin. */
  async settings(plugin?: string): Promise<readonly PluginSetting[]> {
    const { settings } = await this.options.settings.read();
    return settings.filter((set) => plugin === undefined || (set.kind !== 'grant' && set.plugin === plugin));
  }

  /** Throws PLUGIN_UNKNOWN. Tells whether anything changed. */
  async switch(plugin: string, handler: string | undefined, scope: SettingScope, on: boolean): Promise<boolean> {
    const method = await this.handlerOf(plugin, handler);
    return this.#put({ kind: 'switch', plugin, ...(method !== undefined && { handler: method }), scope, on });
  }

  /** Takes the switch of a scope away, so that a wider one counts again. Throws PLUGIN_UNKNOWN. Tells whether there was one. */
  async reset(plugin: string, handler: string | undefined, scope: SettingScope): Promise<boolean> {
    const method = await this.handlerOf(plugin, handler);
    return this.#remove({ kind: 'switch', plugin, ...(method !== undefined && { handler: method }), scope });
  }

  /** Gives a person a grant. Throws SETTING_REFUSED for what is no name or number. */
  grant(grant: string, user: string, scope: SettingScope): Promise<boolean> {
    return this.#put({ ...grantKey(grant, user), scope });
  }

  /** Tells whether the person had it there. */
  revoke(grant: string, user: string, scope: SettingScope): Promise<boolean> {
    return this.#remove({ ...grantKey(grant, user), scope });
  }

  /** What is set at the scope itself; wider ones are not in it. Throws PLUGIN_UNKNOWN. */
  async config(plugin: string, scope: SettingScope): Promise<PluginValues> {
    await this.#posted(plugin);
    return (await this.#config(plugin, scope)) ?? {};
  }

  /**
   * Sets some keys of a scope and takes others away; keys that are not named stay. Throws PLUGIN_UNKNOWN, and SETTING_REFUSED
   * naming every key that does not fit what the plugin declares.
   */
  async configure(
    plugin: string,
    scope: SettingScope,
    change: PluginValues,
    unset: readonly string[] = [],
  ): Promise<PluginValues> {
    const posted = await this.#posted(plugin);
    const before = (await this.#config(plugin, scope)) ?? {};
    const kept = Object.entries(before).filter(([key]) => !unset.includes(key));
    const value = { ...Object.fromEntries(kept), ...change };
    checkFits(posted, value);
    if (Object.keys(value).length === 0) await this.#remove({ kind: 'config', plugin, scope });
    else await this.#put({ kind: 'config', plugin, scope, value });
    return value;
  }

  /** The method that is meant by its name, or by the words of a command. Throws PLUGIN_UNKNOWN. */
  async handlerOf(plugin: string, wanted: string | undefined): Promise<string | undefined> {
    const posted = await this.#posted(plugin);
    if (wanted === undefined) return undefined;
    const { commands, keywords, regexes, listeners, schedules } = posted;
    const methods = [commands, keywords, regexes, listeners, schedules].flat().map(({ method }) => method);
    const command = commands.find(({ usage, alias }) => alias.includes(wanted) || isUsageOf(usage, wanted));
    if (command) return command.method;
    if (methods.includes(wanted)) return wanted;
    throw new RookeryError(
      'PLUGIN_UNKNOWN',
      `plugin ${plugin} has no command or handler "${wanted}"; it has: ${methods.join(', ')}`,
    );
  }

  async #config(plugin: string, scope: SettingScope): Promise<PluginValues | undefined> {
    const found = (await this.settings(plugin)).find((set) => set.kind === 'config' && set.scope === scope);
    return found?.kind === 'config' ? found.value : undefined;
  }

  async #posted(plugin: string): Promise<PostedPlugin> {
    const plugins = await this.plugins();
    const found = plugins.find(({ id }) => id === plugin);
    if (found) return found;
    const known = plugins.map(({ id }) => id).join(', ') || 'none';
    throw new RookeryError('PLUGIN_UNKNOWN', `no worker has loaded a plugin "${plugin}"; loaded: ${known}`);
  }

  async #put(setting: PluginSetting): Promise<boolean> {
    const changed = await this.options.settings.put(setting);
    if (changed) this.#tell();
    return changed;
  }

  async #remove(key: SettingKey): Promise<boolean> {
    const removed = await this.options.settings.remove(key);
    if (removed) this.#tell();
    return removed;
  }

  #tell(): void {
    this.options.channel.emit(channels.pluginSettingsChanged, { v: 1 });
  }
}

/** `name` is what the usage says before its arguments and options. */
function isUsageOf(usage: string, name: string): boolean {
  return usage === name || (usage.startsWith(`${name} `) && /^[<[-]/.test(usage.slice(name.length + 1)));
}

function grantKey(grant: string, user: string) {
  if (!GRANT.test(grant)) {
    throw new RookeryError(
      'SETTING_REFUSED',
      `${JSON.stringify(grant)} is no name of a grant: letters, digits, dots and dashes`,
    );
  }
  if (!isDecimalId(user)) throw new RookeryError('SETTING_REFUSED', `${JSON.stringify(user)} is no QQ number`);
  return { kind: 'grant' as const, grant, user };
}

/** Keys that are missing may come from a wider scope, so none is required here. */
function checkFits({ id, config }: PostedPlugin, value: PluginValues): void {
  if (Object.keys(value).length === 0) return;
  if (!config) throw new RookeryError('SETTING_REFUSED', `plugin ${id} has no configuration`);
  const schema = { additionalProperties: false, ...config, required: [] };
  const parsed = z.fromJSONSchema(schema).safeParse(value);
  if (!parsed.success) {
    throw new RookeryError(
      'SETTING_REFUSED',
      `the configuration does not fit plugin ${id}, nothing was changed: ${z.prettifyError(parsed.error)}`,
    );
  }
}
