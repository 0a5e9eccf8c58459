import type { PluginSetting, SettingKey } from '@rookery/protocol';
import type { SettingsSource } from '../dispatch/live-access';

/** What was set about plugins, as Redis would keep it, for as long as a test lives. */
export class MemorySettings implements SettingsSource {
  readonly #settings = new Map<string, PluginSetting>();
  #version = 0;

  version(): Promise<number> {
    return Promise.resolve(this.#version);
  }

  read(): Promise<{ readonly version: number; readonly settings: readonly PluginSetting[] }> {
    return Promise.resolve({ version: this.#version, settings: [...this.#settings.values()] });
  }

  put(setting: PluginSetting): Promise<boolean> {
    const key = keyOf(setting);
    if (JSON.stringify(this.#settings.get(key)) === JSON.stringify(setting)) return Promise.resolve(false);
    this.#settings.set(key, setting);
    this.#version += 1;
    return Promise.resolve(true);
  }

  remove(key: SettingKey): Promise<boolean> {
    const removed = this.#settings.delete(keyOf(key));
    if (removed) this.#version += 1;
    return Promise.resolve(removed);
  }
}

function keyOf(key: SettingKey): string {
  switch (key.kind) {
    case 'switch':
      return JSON.stringify([key.kind, key.plugin, key.handler, key.scope]);
    case 'grant':
      return JSON.stringify([key.kind, key.grant, key.user, key.scope]);
    case 'config':
      return JSON.stringify([key.kind, key.plugin, key.scope]);
  }
}
