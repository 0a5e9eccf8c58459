// Runs promtool with the same arguments; fetches it first where this machine has none. `--where` prints the path of prometheus.
import { spawnSync } from 'node:child_process';
import { main, preparePrometheus } from './bootstrap.mjs';

await main(async (args) => {
  const { prometheus, promtool } = await preparePrometheus();
  if (args[0] === '--where') {
    console.log(prometheus);
    return;
  }
  const { status, error } = spawnSync(promtool, args, { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 1;
});
