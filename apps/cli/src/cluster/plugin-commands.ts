import type { PluginControl } from '@rookery/plugin-settings';
import type { PluginSetting, SettingScope } from '@rookery/protocol';
import { CommandFailure } from '../failure';
import type { CommandContext, CommandOptions } from './account-commands';
import { table, type Cell } from './table';

export interface ScopedOptions extends CommandOptions {
  readonly scope: SettingScope;
}

/** The commands on plugins of a running cluster. Each resolves with the exit code. */
export class PluginCommands {
  constructor(
    private readonly control: PluginControl,
    private readonly context: CommandContext,
  ) {}

  /** What workers have loaded and what they could not load, and what was set about it at run time. */
  async list({ json }: CommandOptions): Promise<number> {
    const [plugins, unfit, settings] = await Promise.all([
      this.control.plugins(),
      this.control.unfit(),
      this.control.settings(),
    ]);
    if (json) {
      this.context.print(`${JSON.stringify({ plugins, unfit, settings })}\n`);
      return 0;
    }
    const rows = plugins.map(({ id, title, commands, needs = [], ungranted = [] }): Cell[] => [
      { text: id },
      { text: String(commands.length) },
      { text: needs.map((need) => (ungranted.includes(need) ? `${need} (not granted)` : need)).join(', ') },
      { text: title ? `${title.zh} · ${title.en}` : '' },
    ]);
    this.context.print(table(['PLUGIN', 'COMMANDS', 'NEEDS', 'TITLE'], rows));
    const left = unfit.map(({ module, reason }): Cell[] => [{ text: module }, { text: reason.replaceAll('\n', ' ') }]);
    if (left.length > 0) this.context.print(`\n${table(['NOT LOADED', 'WHY'], left)}`);
    if (settings.length > 0) this.context.print(`\n${table(['SET', 'SCOPE', 'VALUE'], settings.map(settingRow))}`);
    return 0;
  }

  async switch(plugin: string, handler: string | undefined, on: boolean, options: ScopedOptions): Promise<number> {
    const changed = await this.control.switch(plugin, handler, options.scope, on);
    const what = handler === undefined ? plugin : `${plugin} ${handler}`;
    const text = `${what} is ${on ? 'on' : 'off'} for ${options.scope}, on all workers. / 已在所有 worker ${on ? '启用' : '停用'}。`;
    return this.#tell(options, { changed }, changed ? text : 'It was so already. / 原本就是如此。');
  }

  /** Takes a switch away; 1 when there was none. */
  async reset(plugin: string, handler: string | undefined, options: ScopedOptions): Promise<number> {
    const changed = await this.control.reset(plugin, handler, options.scope);
    const what = handler === undefined ? plugin : `${plugin} ${handler}`;
    const text = changed
      ? `What a wider scope says of ${what} counts for ${options.scope} again. / 恢复为更大范围的设置。`
      : `${what} was not switched for ${options.scope}. / 该范围没有开关设置。`;
    this.#tell(options, { changed }, text);
    return changed ? 0 : 1;
  }

  async config(
    plugin: string,
    words: readonly string[],
    options: ScopedOptions & { readonly unset?: readonly string[] },
  ): Promise<number> {
    const { scope, unset = [] } = options;
    const changes = words.length > 0 || unset.length > 0;
    const value = changes
      ? await this.control.configure(plugin, scope, parseValues(words), unset)
      : await this.control.config(plugin, scope);
    const lines = Object.entries(value).map(([key, held]) => `${key} = ${JSON.stringify(held)}`);
    const text = lines.length > 0 ? lines.join('\n') : `Nothing is set for ${scope}. / 该范围没有设置。`;
    return this.#tell(options, value, text);
  }

  async grant(grant: string, user: string, options: ScopedOptions): Promise<number> {
    const changed = await this.control.grant(grant, user, options.scope);
    const text = changed
      ? `${user} has ${grant} for ${options.scope} now. / 已授权。`
      : 'They had it already. / 原本就有此权限。';
    return this.#tell(options, { changed }, text);
  }

  /** 1 when there was nothing to take away. */
  async revoke(grant: string, user: string, options: ScopedOptions): Promise<number> {
    const changed = await this.control.revoke(grant, user, options.scope);
    const text = changed
      ? `${user} has ${grant} for ${options.scope} no more. / 已撤销授权。`
      : `${user} did not have ${grant} for ${options.scope}. / 原本没有此权限。`;
    this.#tell(options, { changed }, text);
    return changed ? 0 : 1;
  }

  #tell({ json }: CommandOptions, result: object, text: string): number {
    this.context.print(json ? `${JSON.stringify(result)}\n` : `${text}\n`);
    return 0;
  }
}

function settingRow(setting: PluginSetting): Cell[] {
  const { scope } = setting;
  switch (setting.kind) {
    case 'switch': {
      const what = setting.handler === undefined ? setting.plugin : `${setting.plugin}.${setting.handler}`;
      return [{ text: what }, { text: scope }, { text: setting.on ? 'on' : 'off' }];
    }
    case 'grant':
      return [{ text: `grant ${setting.grant}` }, { text: scope }, { text: setting.user }];
    case 'config':
      return [{ text: `config ${setting.plugin}` }, { text: scope }, { text: JSON.stringify(setting.value) }];
  }
}

/** `key=value`; a value that is JSON is taken as such, anything else is text. */
function parseValues(words: readonly string[]): Record<string, unknown> {
  const entries = words.map((word): [string, unknown] => {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new CommandFailure(
        `${JSON.stringify(word)} is no key=value, like text=welcome\n请写成 键=值，例如 text=欢迎。`,
      );
    }
    return [word.slice(0, at), jsonOrText(word.slice(at + 1))];
  });
  return Object.fromEntries(entries);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
