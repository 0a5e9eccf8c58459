import type { PluginSetting, SettingKey } from '@rookery/protocol';

interface PostedText {
  readonly zh: string;
  readonly en: string;
}

interface PostedHandler {
  readonly method: string;
}

/** What a plugin declares, as far as those who set something about it need to know. */
export interface PostedPlugin {
  readonly id: string;
  readonly title?: PostedText | undefined;
  readonly commands: readonly (PostedHandler & {
    readonly usage: string;
    readonly alias: readonly string[];
    readonly summary: PostedText;
  })[];
  readonly keywords: readonly PostedHandler[];
  readonly regexes: readonly PostedHandler[];
  readonly listeners: readonly PostedHandler[];
  readonly schedules: readonly PostedHandler[];
  /** What it does besides reading and sending. */
  readonly needs?: readonly string[];
  /** Of what it needs, what only the operator could give it and has not. */
  readonly ungranted?: readonly string[];
  /** JSON Schema of its configuration. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

export interface UnfitPlugin {
  readonly module: string;
  readonly reason: string;
}

/** Which plugins there are. */
export interface PluginList {
  all(): Promise<readonly PostedPlugin[]>;
  /** Those that workers could not load, and why. */
  unfit(): Promise<readonly UnfitPlugin[]>;
}

/** Where settings are kept. */
export interface SettingsStore {
  read(): Promise<{ readonly settings: readonly PluginSetting[] }>;
  /** Tells whether anything changed. */
  put(setting: PluginSetting): Promise<boolean>;
  /** Tells whether it was there. */
  remove(key: SettingKey): Promise<boolean>;
}
