import type { EventHead } from './event';

/** Where a setting holds. The narrower one wins: group, then account, then pool, then global. */
export type SettingScope = 'global' | `pool:${string}` | `account:${string}` | `group:${string}`;

/** What a setting is about. */
export type SettingKey =
  /** Without a handler: of the whole plugin. */
  | { readonly kind: 'switch'; readonly plugin: string; readonly handler?: string; readonly scope: SettingScope }
  | { readonly kind: 'grant'; readonly grant: string; readonly user: string; readonly scope: SettingScope }
  | { readonly kind: 'config'; readonly plugin: string; readonly scope: SettingScope };

/** What an operator has set about a plugin or a person at run time. */
export type PluginSetting =
  | (Extract<SettingKey, { kind: 'switch' }> & { readonly on: boolean })
  | Extract<SettingKey, { kind: 'grant' }>
  | (Extract<SettingKey, { kind: 'config' }> & { readonly value: Readonly<Record<string, unknown>> });

/** Configuration of a plugin by key. */
export type PluginValues = Readonly<Record<string, unknown>>;

/** What a handler asks about the settings of plugins, on behalf of the person who spoke. */
export type SettingsRequest =
  | { readonly op: 'plugins' }
  /** Without a handler: the whole plugin. `on` null: what a wider scope says counts again. */
  | {
      readonly op: 'switch';
      readonly plugin: string;
      readonly handler?: string;
      readonly scope: SettingScope;
      readonly on: boolean | null;
    }
  | { readonly op: 'config'; readonly plugin: string; readonly scope: SettingScope }
  | {
      readonly op: 'configure';
      readonly plugin: string;
      readonly scope: SettingScope;
      readonly change: PluginValues;
      readonly unset: readonly string[];
    };

/** How a plugin stands where an event happened. */
export interface PluginStanding {
  readonly id: string;
  readonly title?: { readonly zh: string; readonly en: string } | undefined;
  readonly on: boolean;
  /** Usages of its commands that are switched off there. */
  readonly off: readonly string[];
}

export type SettingsAnswer =
  | { readonly kind: 'plugins'; readonly plugins: readonly PluginStanding[] }
  | { readonly kind: 'changed'; readonly changed: boolean }
  /** What is set at the scope itself, and every key that the person may set there. */
  | { readonly kind: 'values'; readonly values: PluginValues; readonly keys: readonly string[] }
  /** Nothing was changed; the person can be told why. */
  | { readonly kind: 'refused'; readonly why: { readonly zh: string; readonly en: string } };

const SCOPE = /^(?:global|pool:[A-Za-z0-9][A-Za-z0-9_-]{0,63}|account:[1-9]\d{0,19}|group:[1-9]\d{0,19})$/;

export function isSettingScope(text: string): text is SettingScope {
  return SCOPE.test(text);
}

/** The scopes that hold for an event, the widest first. */
export function scopesOf(event: EventHead): readonly SettingScope[] {
  const scopes: SettingScope[] = ['global', `pool:${event.pool}`, `account:${event.self}`];
  const group = groupOf(event);
  if (group !== undefined) scopes.push(`group:${group}`);
  return scopes;
}

/** The group in which something happened. */
export function groupOf(event: EventHead): string | undefined {
  if (event.type === 'message') return event.scene.kind === 'group' ? event.scene.groupId : undefined;
  return event.type === 'notice' || event.type === 'request' ? event.groupId : undefined;
}
