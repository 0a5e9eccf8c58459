import { Command, InvalidArgumentError } from 'commander';
import { readEnvironment } from '@rookery/config';
import { isSettingScope, type SettingScope } from '@rookery/protocol';
import type { CommandOptions } from '../cluster/account-commands';
import type { ScopedOptions } from '../cluster/plugin-commands';
import type { ClusterSession } from '../cluster/session';
import { makeTypes } from '../scaffold/make-types';
import { newPlugin, type NewPluginOptions } from '../scaffold/new-plugin';
import { PACKAGE_ROOT } from './foreground';

const JSON_OPTION = ['--json', 'print JSON / 输出 JSON'] as const;

/** `rookery plugin`: switches, configuration and grants, changed while the cluster runs. */
export function pluginCommand(session: ClusterSession): Command {
  const plugin = new Command('plugin').description(
    'Plugins: switches, configuration, grants.\n插件：开关、配置、授权。',
  );
  plugin
    .command('list')
    .description('What workers have loaded and what is set.\n列出已加载的插件及运行时设置。')
    .option(...JSON_OPTION)
    .action((options: CommandOptions) => session.run(({ plugins }) => plugins.list(options)));
  plugin
    .command('new')
    .argument('<id>', 'lower-case letters, digits, dashes / 小写字母、数字、短横线')
    .option('--package', 'as an npm package in this folder, not in `plugins` beside rookery.yaml / 作为独立的 npm 包')
    .description('Writes a new plugin in TypeScript with settings and tests.\n生成一个带设置和测试的 TypeScript 插件。')
    .action(writePlugin);
  for (const [name, on] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    scoped(plugin.command(name))
      .argument('<plugin>', 'id of the plugin / 插件 id')
      .argument('[handler...]', 'a command of it, or the name of a handler / 只针对一个指令')
      .description(on ? 'Switches a plugin or a command on.\n启用。' : 'Switches a plugin or a command off.\n停用。')
      .action((id: string, words: string[], options: ScopedOptions) =>
        session.run(({ plugins }) => plugins.switch(id, words.length > 0 ? words.join(' ') : undefined, on, options)),
      );
  }
  scoped(plugin.command('reset'))
    .argument('<plugin>', 'id of the plugin / 插件 id')
    .argument('[handler...]', 'a command of it, or the name of a handler / 只针对一个指令')
    .description('Takes a switch away: a wider scope counts again.\n清除开关，恢复为更大范围的设置。')
    .action((id: string, words: string[], options: ScopedOptions) =>
      session.run(({ plugins }) => plugins.reset(id, words.length > 0 ? words.join(' ') : undefined, options)),
    );
  scoped(plugin.command('config'))
    .argument('<plugin>', 'id of the plugin / 插件 id')
    .argument('[settings...]', 'key=value; the value is JSON or text; shows what is set without / 键=值')
    .option('--unset <keys...>', 'what a wider scope says counts again / 清除这些键')
    .description('Shows or changes the configuration of a plugin.\n查看或修改插件配置。')
    .action((id: string, words: string[], options: ScopedOptions & { unset?: string[] }) =>
      session.run(({ plugins }) => plugins.config(id, words, options)),
    );
  for (const name of ['grant', 'revoke'] as const) {
    scoped(plugin.command(name))
      .argument('<grant>', 'name of the grant / 权限名')
      .argument('<user>', 'QQ number / QQ 号')
      .description(name === 'grant' ? 'Gives a person a grant.\n授权。' : 'Takes a grant away.\n撤销授权。')
      .action((grant: string, user: string, options: ScopedOptions) =>
        session.run(({ plugins }) => plugins[name](grant, user, options)),
      );
  }
  return plugin;
}

async function writePlugin(id: string, options: NewPluginOptions): Promise<void> {
  const context = {
    env: readEnvironment(),
    cwd: process.cwd(),
    root: PACKAGE_ROOT,
    makeTypes: () => makeTypes(PACKAGE_ROOT),
  };
  const lines = await newPlugin(id, options, context);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function scoped(command: Command): Command {
  return command
    .option('--scope <scope>', 'global, pool:<name>, account:<number> or group:<number> / 范围', scope, 'global')
    .option(...JSON_OPTION);
}

function scope(text: string): SettingScope {
  if (isSettingScope(text)) return text;
  throw new InvalidArgumentError('It must be global, pool:<name>, account:<QQ number> or group:<number>.');
}
