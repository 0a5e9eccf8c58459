import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { until } from './support/processes';

const TELEMETRY = join(__dirname, '../../dist/libs/telemetry/src/index.js');
/** More than a pipe takes while nobody reads. */
const LINES = 20_000;
const ORPHAN = `
  const { createLogger } = require(${JSON.stringify(TELEMETRY)});
  const logger = createLogger('orphan', 'info');
  for (let line = 0; line < ${LINES}; line++) logger.info({ line }, 'nobody reads this');
  process.once('disconnect', () => process.exit(3));
  process.send('logged');
`;

it('a process whose reader is gone while lines wait for it ends, and does not try to write them for ever', async () => {
  const child = spawn(process.execPath, ['-e', ORPHAN], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  try {
    await once(child, 'message');
    child.stdout?.destroy();
    child.disconnect();
    await until('it ends', () => child.exitCode !== null);
  } finally {
    child.kill('SIGKILL');
  }
  expect(child.signalCode).toBeNull();
});
