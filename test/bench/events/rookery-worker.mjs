/** Rookery's worker with one more plugin: the command that nearly nobody uses. Everything else is as `rookery up` starts it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { BUILT_IN_PLUGINS } = require('../../../dist/libs/plugins/src/index.js');

// Threads of plugins see nothing of the environment.
const config = { samples: process.env.BENCH_SAMPLES };
BUILT_IN_PLUGINS.push({ module: fileURLToPath(new URL('bench.plugin.cjs', import.meta.url)), config });

require('../../../dist/apps/worker/src/main.js');
