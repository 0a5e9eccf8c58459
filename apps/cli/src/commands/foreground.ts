import { join } from 'node:path';
import picocolors from 'picocolors';
import { systemClock } from '@rookery/protocol';
import { JsonOutput, TerminalOutput, type Output } from '../up/output';

/** For people on a terminal, for programs elsewhere. */
export function consoleOutput(): Output {
  const write = (text: string) => void process.stdout.write(text);
  return process.stdout.isTTY
    ? new TerminalOutput(write, picocolors.createColors())
    : new JsonOutput(write, systemClock);
}

/** Compiled, the apps lie beside us: dist/apps/<app>/src/main.js. */
export const scriptOf = (app: string) => join(__dirname, '../../..', app, 'src', 'main.js');

/** The folder of our package.json, above dist/apps/cli/src/commands. */
export const PACKAGE_ROOT = join(__dirname, '../../../../..');

/** Tells what a worker would have against plugins. */
export const checkScript = join(__dirname, '../../..', 'worker', 'src', 'check-plugins.js');

/** Script of a worker that waits until it is told to begin. */
export const standbyScript = join(__dirname, '../../..', 'worker', 'src', 'standby.js');
