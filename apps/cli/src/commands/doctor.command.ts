import { Command } from 'commander';
import picocolors from 'picocolors';
import { readEnvironment } from '@rookery/config';
import { systemClock } from '@rookery/protocol';
import { examine } from '../doctor/examine';
import { findingsOf, reportJson, reportText } from '../doctor/report';

/** `rookery doctor`: what would keep Rookery from working here. Exit code 1 when anything is found. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Looks for what keeps Rookery from working, and says what to do.\n检查环境和配置，并给出解决办法。')
    .option(
      '--napcat <path...>',
      'NapCat’s settings as well: onebot11_*.json, or folders with them / 同时检查 NapCat 的配置文件',
    )
    .option('--json', 'print JSON / 输出 JSON')
    .action(async ({ napcat = [], json }: { napcat?: string[]; json?: boolean }) => {
      const nodeVersion = process.versions.node;
      const seen = await examine({ env: readEnvironment(), clock: systemClock, nodeVersion, napcat });
      const colours = picocolors.createColors(process.stdout.isTTY && picocolors.isColorSupported);
      process.stdout.write(json === true ? reportJson(seen) : reportText(seen, colours));
      process.exitCode = findingsOf(seen).length === 0 ? 0 : 1;
    });
}
