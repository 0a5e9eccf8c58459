import {
  groupOf,
  RookeryError,
  type PluginStanding,
  type PluginValues,
  type SettingsAnswer,
  type SettingScope,
  type SettingsRequest,
} from '@rookery/protocol';
import type { z } from 'zod';
import type { Handling } from './handling/handling';
import type { LocalText } from './local-text';

export interface SettingPlace {
  /** Default: the group in which the event happened; everywhere, for what happened in no group. */
  readonly scope?: SettingScope | undefined;
}

/** Nothing was set; `why` is for the person who wanted it. */
export class SettingRefused extends Error {
  override readonly name = 'SettingRefused';

  constructor(readonly why: LocalText) {
    super(why.en);
  }
}

/**
 * Switches and configuration of plugins at run time, on behalf of the person who spoke: superusers may set everything; the owner and
 * admins of a group what concerns that group alone, and of configurations the keys that {@link forGroupAdmins} marks. Everything
 * rejects with {@link SettingRefused} when they may not, or when it does not fit.
 */
export class Settings {
  readonly #handling: Handling;

  constructor(handling: Handling) {
    this.#handling = handling;
  }

  /** Every plugin, and whether it is on where the event happened. */
  async plugins(): Promise<readonly PluginStanding[]> {
    return (await this.#ask('plugins', { op: 'plugins' })).plugins;
  }

  /** A plugin, or one handler or command of it. `on` undefined: what a wider scope says counts again. Tells whether that changed anything. */
  async switch(
    plugin: string,
    on: boolean | undefined,
    { scope, handler }: SettingPlace & { readonly handler?: string | undefined } = {},
  ): Promise<boolean> {
    const what = { plugin, ...(handler !== undefined && { handler }), scope: scope ?? this.#here() };
    return (await this.#ask('changed', { op: 'switch', ...what, on: on ?? null })).changed;
  }

  /** What is set at the scope itself, of the keys that the person may set there. */
  config(plugin: string, { scope }: SettingPlace = {}): Promise<SettableConfig> {
    return this.#ask('values', { op: 'config', plugin, scope: scope ?? this.#here() });
  }

  /** Sets some keys and takes others away; keys that are not named stay. */
  configure(
    plugin: string,
    change: PluginValues,
    { scope, unset = [] }: SettingPlace & { readonly unset?: readonly string[] } = {},
  ): Promise<SettableConfig> {
    return this.#ask('values', { op: 'configure', plugin, scope: scope ?? this.#here(), change, unset });
  }

  #here(): SettingScope {
    const group = groupOf(this.#handling.event);
    return group === undefined ? 'global' : `group:${group}`;
  }

  async #ask<Kind extends SettingsAnswer['kind']>(
    kind: Kind,
    request: SettingsRequest,
  ): Promise<Extract<SettingsAnswer, { kind: Kind }>> {
    const { services } = this.#handling;
    const answer = await this.#handling.step(`settings ${request.op}`, () => services.backing.settings(request));
    if (answer.kind === 'refused') throw new SettingRefused(answer.why);
    if (answer.kind === kind) return answer as Extract<SettingsAnswer, { kind: Kind }>;
    throw new RookeryError('INTERNAL', `settings ${request.op} was answered with ${answer.kind}`);
  }
}

export interface SettableConfig {
  readonly values: PluginValues;
  readonly keys: readonly string[];
}

/** Marks a key of a plugin's configuration as one that the owner and admins of a group may set for their group. */
export function forGroupAdmins<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ groupAdmins: true });
}
