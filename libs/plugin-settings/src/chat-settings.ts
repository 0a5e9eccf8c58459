import {
  groupOf,
  RookeryError,
  scopesOf,
  type Event,
  type PluginStanding,
  type SettingsAnswer,
  type SettingScope,
  type SettingsRequest,
} from '@rookery/protocol';
import type { PluginControl } from './plugin-control';
import type { PostedPlugin } from './ports';

/** What holds now, from memory. */
export interface SettingsInForce {
  isSuperuser(user: string): boolean;
  /** Without a handler: the plugin as a whole. */
  isOn(plugin: string, handler: string | undefined, event: Event): boolean;
  /** Takes up what was changed. */
  look(): Promise<void>;
}

export interface ChatSettingsOptions {
  readonly control: Pick<
    PluginControl,
    'plugins' | 'settings' | 'handlerOf' | 'switch' | 'reset' | 'config' | 'configure'
  >;
  readonly inForce: SettingsInForce;
}

type Refusal = Extract<SettingsAnswer, { kind: 'refused' }>;
type Rights = 'superuser' | 'group_admin';

/**
 * Settings of plugins as people change them from chats. A handler asks on behalf of who spoke, and it is their rights that count, not
 * those of the plugin: superusers set everything; the owner and admins of a group set what concerns their group alone, cannot switch
 * on what is switched off for more than their group, and configure only keys that the plugin's schema leaves to them.
 */
export class ChatSettings {
  constructor(private readonly options: ChatSettingsOptions) {}

  /** Rejects when Redis does not answer; everything else is in the answer. */
  async run(event: Event, request: SettingsRequest): Promise<SettingsAnswer> {
    const rights = this.#rightsOf(event);
    if (!rights) return NOBODY;
    if (request.op === 'plugins') return { kind: 'plugins', plugins: await this.#standing(event) };
    if (rights === 'group_admin' && request.scope !== `group:${groupOf(event)}`) return OWN_GROUP_ONLY;
    try {
      return await this.#perform(rights, event, request);
    } catch (thrown) {
      if (!(thrown instanceof RookeryError)) throw thrown;
      const { code, message } = thrown;
      if (code === 'PLUGIN_UNKNOWN') return refused(`没有这个插件或指令：${message}`, `Not found: ${message}`);
      if (code === 'SETTING_REFUSED') return refused(`设置未更改：${message}`, `Nothing was set: ${message}`);
      throw thrown;
    }
  }

  async #perform(
    rights: Rights,
    event: Event,
    request: Exclude<SettingsRequest, { op: 'plugins' }>,
  ): Promise<SettingsAnswer> {
    const { plugin, scope } = request;
    switch (request.op) {
      case 'switch':
        return this.#switch(rights, event, request);
      case 'config':
        return this.#values(rights, plugin, await this.options.control.config(plugin, scope));
      case 'configure': {
        const { change, unset } = request;
        const theirs = await this.#keys(rights, plugin);
        const others = [...Object.keys(change), ...unset].filter((key) => !theirs.includes(key));
        if (rights === 'group_admin' && others.length > 0) return notYours(others, theirs);
        const values = await this.options.control.configure(plugin, scope, change, unset);
        await this.options.inForce.look();
        return this.#values(rights, plugin, values);
      }
    }
  }

  async #switch(
    rights: Rights,
    event: Event,
    { plugin, handler, scope, on }: Extract<SettingsRequest, { op: 'switch' }>,
  ): Promise<SettingsAnswer> {
    const { control, inForce } = this.options;
    const method = await control.handlerOf(plugin, handler);
    if (on !== false && rights === 'group_admin' && (await this.#isKeptOff(event, plugin, method))) return KEPT_OFF;
    const changed =
      on === null ? await control.reset(plugin, method, scope) : await control.switch(plugin, method, scope, on);
    await inForce.look();
    return { kind: 'changed', changed };
  }

  /** The narrowest word of those that concern more than the group says off. */
  async #isKeptOff(event: Event, plugin: string, method: string | undefined): Promise<boolean> {
    const wider: readonly SettingScope[] = scopesOf(event).filter((scope) => !scope.startsWith('group:'));
    const switches = (await this.options.control.settings(plugin)).flatMap((set) =>
      set.kind === 'switch' && set.handler === method ? [set] : [],
    );
    return (
      wider.map((scope) => switches.find((set) => set.scope === scope)?.on).findLast((on) => on !== undefined) === false
    );
  }

  async #values(rights: Rights, plugin: string, all: Readonly<Record<string, unknown>>): Promise<SettingsAnswer> {
    const keys = await this.#keys(rights, plugin);
    const values = Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key)));
    return { kind: 'values', values, keys };
  }

  /** Keys of the plugin's configuration that the person may set. Throws PLUGIN_UNKNOWN. */
  async #keys(rights: Rights, plugin: string): Promise<readonly string[]> {
    await this.options.control.handlerOf(plugin, undefined);
    const posted = (await this.options.control.plugins()).find(({ id }) => id === plugin);
    const properties = Object.entries((posted?.config?.['properties'] ?? {}) as Record<string, object>);
    return properties.flatMap(([key, schema]) =>
      rights === 'superuser' || ('groupAdmins' in schema && schema.groupAdmins === true) ? [key] : [],
    );
  }

  async #standing(event: Event): Promise<readonly PluginStanding[]> {
    const { control, inForce } = this.options;
    const off = ({ id, commands }: PostedPlugin) =>
      commands.filter(({ method }) => !inForce.isOn(id, method, event)).map(({ usage }) => usage);
    return (await control.plugins()).map((posted) => {
      const { id, title } = posted;
      const on = inForce.isOn(id, undefined, event);
      return { id, ...(title && { title }), on, off: on ? off(posted) : [] };
    });
  }

  #rightsOf(event: Event): Rights | undefined {
    if (event.type !== 'message') return undefined;
    const { userId, role } = event.sender;
    if (this.options.inForce.isSuperuser(userId)) return 'superuser';
    const isAdmin = event.scene.kind === 'group' && (role === 'owner' || role === 'admin');
    return isAdmin ? 'group_admin' : undefined;
  }
}

const refused = (zh: string, en: string): Refusal => ({ kind: 'refused', why: { zh, en } });

const NOBODY = refused(
  '只有机器人的管理者、群主和群管理员可以更改设置。',
  'Only operators of the bot and admins of the group may change settings.',
);
const OWN_GROUP_ONLY = refused(
  '群管理员只能更改本群的设置。',
  'Admins of a group may change the settings of that group only.',
);
const KEPT_OFF = refused(
  '机器人的管理者已在更大范围停用它，只有管理者可以重新启用。',
  'It is switched off for more than this group; only operators of the bot can switch it on again.',
);

function notYours(others: readonly string[], theirs: readonly string[]): Refusal {
  const [zh, en] = theirs.length > 0 ? [theirs.join('、'), theirs.join(', ')] : ['无', 'none'];
  return refused(
    `群管理员不能设置 ${others.join('、')}；可以设置的有：${zh}。`,
    `Admins of a group may not set ${others.join(', ')}; they may set: ${en}.`,
  );
}
