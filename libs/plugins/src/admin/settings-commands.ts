import { SettingRefused, texts, type MessageContext } from '@rookery/plugin-kit';
import { groupOf, isSettingScope, type SettingScope } from '@rookery/protocol';

const SAY = texts({
  on: { zh: '{what} 已在{where}启用。', en: '{what} is on for {where}.' },
  off: { zh: '{what} 已在{where}停用。', en: '{what} is off for {where}.' },
  reset: {
    zh: '{what} 在{where}恢复为更大范围的设置。',
    en: 'For {where}, what a wider scope says of {what} counts again.',
  },
  unchanged: { zh: '{what} 在{where}原本就是如此。', en: '{what} was so already for {where}.' },
  here: { zh: '本群', en: 'this group' },
  everywhere: { zh: '全部', en: 'everywhere' },
  scope: {
    zh: '范围要写成 global、pool:名称、account:QQ号 或 group:群号。',
    en: 'The scope must be global, pool:<name>, account:<number> or group:<number>.',
  },
  kept: {
    zh: '不能停用 plugin 和 config 指令所在的部分，否则无法再启用；需要时请用命令行。',
    en: 'What switches things on again cannot be switched off from a chat; use the command line for that.',
  },
  plugins: { zh: '插件：', en: 'Plugins:' },
  noKeys: { zh: '插件 {plugin} 没有可以在这里设置的配置。', en: 'Nothing of plugin {plugin} can be set here.' },
  config: { zh: '插件 {plugin} 在{where}的配置：', en: 'Configuration of plugin {plugin} for {where}:' },
  unset: { zh: '（未设置）', en: '(not set)' },
});
/** Commands that undo what the others do. */
const KEPT_ON = /^(?:plugin|config)(?: |$)|^(?:switchOn|switchOff|reset|set|unset)$/;
const SHOWN_MAX = 200;

export interface Switched {
  readonly plugin: string;
  /** Words of a command, or the name of a handler; empty: the whole plugin. */
  readonly command: readonly string[];
  readonly scope: string | undefined;
}

/** `on` undefined: what a wider scope says counts again. */
export function switchPlugin(c: MessageContext, on: boolean | undefined, wanted: Switched): Promise<string> {
  const { plugin, command } = wanted;
  const handler = command.length > 0 ? command.join(' ') : undefined;
  if (on === false && plugin === 'admin' && (handler === undefined || KEPT_ON.test(handler))) {
    return Promise.resolve(c.text(SAY.kept));
  }
  return inScope(c, wanted.scope, async (scope, where) => {
    const changed = await c.settings.switch(plugin, on, { scope, handler });
    const what = [plugin, ...command].join(' ');
    if (!changed) return c.text(SAY.unchanged, { what, where });
    return c.text(on === undefined ? SAY.reset : on ? SAY.on : SAY.off, { what, where });
  });
}

/** Every plugin with its state where the question was asked. */
export function listPlugins(c: MessageContext): Promise<string> {
  return politely(c, async () => {
    const lines = (await c.settings.plugins()).map(({ id, title, on, off }) => {
      const name = title ? `${id} ${title[c.locale]}` : id;
      return `${on ? '✓' : '✗'} ${name}${off.length > 0 ? ` (✗ ${off.join(', ')})` : ''}`;
    });
    return [c.text(SAY.plugins), ...lines].join('\n');
  });
}

export function showConfig(c: MessageContext, plugin: string, scope: string | undefined): Promise<string> {
  return inScope(c, scope, async (place, where) =>
    shown(c, plugin, where, await c.settings.config(plugin, { scope: place })),
  );
}

/** A value that is JSON is taken as such, anything else is text; without one, what a wider scope says counts again. */
export function setConfig(
  c: MessageContext,
  {
    plugin,
    key,
    value,
    scope,
  }: { readonly plugin: string; readonly key: string; readonly value?: string; readonly scope: string | undefined },
): Promise<string> {
  return inScope(c, scope, async (place, where) => {
    const set =
      value === undefined
        ? await c.settings.configure(plugin, {}, { scope: place, unset: [key] })
        : await c.settings.configure(plugin, { [key]: jsonOrText(value.trim()) }, { scope: place });
    return shown(c, plugin, where, set);
  });
}

function shown(
  c: MessageContext,
  plugin: string,
  where: string,
  { keys, values }: Awaited<ReturnType<MessageContext['settings']['config']>>,
): string {
  if (keys.length === 0) return c.text(SAY.noKeys, { plugin });
  const lines = keys.map((key) => {
    const value = values[key];
    return `${key} = ${value === undefined ? c.text(SAY.unset) : JSON.stringify(value).slice(0, SHOWN_MAX)}`;
  });
  return [c.text(SAY.config, { plugin, where }), ...lines].join('\n');
}

function inScope(
  c: MessageContext,
  given: string | undefined,
  act: (scope: SettingScope, where: string) => Promise<string>,
): Promise<string> {
  const group = groupOf(c.event);
  const here = group === undefined ? 'global' : `group:${group}`;
  const scope = given ?? here;
  if (!isSettingScope(scope)) return Promise.resolve(c.text(SAY.scope));
  const where = scope === 'global' ? c.text(SAY.everywhere) : scope === here ? c.text(SAY.here) : ` ${scope} `;
  return politely(c, () => act(scope, where.trim()));
}

async function politely(c: MessageContext, act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof SettingRefused) return c.text(thrown.why);
    throw thrown;
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
