import { Command } from 'commander';
import { join } from 'node:path';
import { runDev } from '../dev/run-dev';
import type { FleetOptions } from '../up/run-up';
import { checkScript, standbyScript } from './foreground';
import { sized, upContext } from './up.command';

export function devCommand(): Command {
  return sized(new Command('dev'))
    .description(
      '`up` for authors of plugins: compiles TypeScript, and starts the worker anew when a plugin changes.\n' +
        '面向插件作者的 `up`：编译 TypeScript，插件改动后自动重启 worker，连接保持不断。',
    )
    .action(async (options: FleetOptions) => {
      const preload = join(__dirname, '../dev/end-with-parent.js');
      const context = { ...upContext(), input: process.stdin, checkScript, standbyScript, preload };
      process.exitCode = await runDev(options, context);
    });
}
