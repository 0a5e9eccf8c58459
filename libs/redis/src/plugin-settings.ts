import {
  isSettingScope,
  RookeryError,
  type PluginSetting,
  type SettingKey,
  type SettingScope,
} from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';
import { CHANGE_PLUGIN_SETTINGS } from './scripts/change-plugin-settings';

export interface PluginSettingsSnapshot {
  readonly version: number;
  readonly settings: readonly PluginSetting[];
}

const VERSION = '@version';
const SETTINGS_MAX = 50_000;
const CONFIG_MAX = 64 * 1024;
const configSchema = z.record(z.string(), z.unknown());

/** Switches, grants and configuration of plugins, as operators set them at run time: one hash, with a version that grows. */
export class PluginSettings {
  constructor(
    private readonly redis: Redis,
    private readonly max = SETTINGS_MAX,
  ) {}

  /** 0 before the first change. */
  async version(): Promise<number> {
    return Number((await this.redis.hget(keys.pluginSettings(), VERSION)) ?? 0);
  }

  /** What cannot be read is of another version and left out. */
  async read(): Promise<PluginSettingsSnapshot> {
    const { [VERSION]: version = '0', ...entries } = await this.redis.hgetall(keys.pluginSettings());
    const settings = Object.entries(entries).flatMap(([name, value]) => parseSetting(name, value) ?? []);
    return { version: Number(version), settings };
  }

  /** Tells whether anything changed. Rejects with SETTING_REFUSED when there is no room. */
  async put(setting: PluginSetting): Promise<boolean> {
    const value = valueOf(setting);
    if (value.length > CONFIG_MAX) {
      throw new RookeryError(
        'SETTING_REFUSED',
        `a configuration may have ${CONFIG_MAX} characters of JSON; this one has ${value.length}`,
      );
    }
    const version = await this.#change([[nameOf(setting), value]], []);
    if (version === -1) {
      throw new RookeryError('SETTING_REFUSED', `there are ${this.max} settings of plugins already; remove some first`);
    }
    return version > 0;
  }

  /** Tells whether it was there. */
  async remove(key: SettingKey): Promise<boolean> {
    return (await this.#change([], [nameOf(key)])) > 0;
  }

  async #change(set: readonly (readonly [string, string])[], remove: readonly string[]): Promise<number> {
    const args = [this.max, set.length, ...set.flat(), ...remove];
    return Number(await this.redis.eval(CHANGE_PLUGIN_SETTINGS, 1, keys.pluginSettings(), ...args));
  }
}

function nameOf(key: SettingKey): string {
  switch (key.kind) {
    case 'switch':
      return `switch|${key.plugin}|${key.handler ?? ''}|${key.scope}`;
    case 'grant':
      return `grant|${key.grant}|${key.user}|${key.scope}`;
    case 'config':
      return `config|${key.plugin}||${key.scope}`;
  }
}

function valueOf(setting: PluginSetting): string {
  switch (setting.kind) {
    case 'switch':
      return setting.on ? 'on' : 'off';
    case 'grant':
      return 'yes';
    case 'config':
      return JSON.stringify(setting.value);
  }
}

function parseSetting(name: string, value: string): PluginSetting | undefined {
  const [kind, first = '', second = '', scopeText = ''] = name.split('|');
  if (!isSettingScope(scopeText)) return undefined;
  const scope: SettingScope = scopeText;
  if (kind === 'switch') {
    return { kind, plugin: first, ...(second !== '' && { handler: second }), scope, on: value === 'on' };
  }
  if (kind === 'grant') return { kind, grant: first, user: second, scope };
  if (kind !== 'config') return undefined;
  const config = parseConfig(value);
  return config && { kind, plugin: first, scope, value: config };
}

function parseConfig(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return configSchema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}
