import { Command } from 'commander';
import { accountsCommand } from './commands/accounts.command';
import { assignmentsCommand } from './commands/assignments.command';
import { backupCommand, restoreCommand } from './commands/backup.command';
import { broadcastCommand } from './commands/broadcast.command';
import { composeCommand } from './commands/compose.command';
import { deadLettersCommand } from './commands/dead-letters.command';
import { devCommand } from './commands/dev.command';
import { doctorCommand } from './commands/doctor.command';
import { foregroundSession } from './commands/foreground-session';
import { limitsCommand } from './commands/limits.command';
import { nodesCommand } from './commands/nodes.command';
import { pluginCommand } from './commands/plugin.command';
import { simCommand } from './commands/sim.command';
import { traceCommand } from './commands/trace.command';
import { upCommand } from './commands/up.command';

/** The `rookery` command; each subcommand is a file of its own. */
export function createProgram(session = foregroundSession()): Command {
  return new Command('rookery')
    .description('Runs many QQ accounts as one cluster.\n把多个 QQ 账号作为一个集群运行。')
    .showSuggestionAfterError()
    .addCommand(upCommand())
    .addCommand(devCommand())
    .addCommand(simCommand())
    .addCommand(doctorCommand())
    .addCommand(composeCommand())
    .addCommand(accountsCommand(session))
    .addCommand(nodesCommand(session))
    .addCommand(assignmentsCommand())
    .addCommand(broadcastCommand(session))
    .addCommand(limitsCommand(session))
    .addCommand(pluginCommand(session))
    .addCommand(deadLettersCommand())
    .addCommand(traceCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
}
