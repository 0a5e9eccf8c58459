// Runs promtool with the same arguments; fetches it first where this machine has none.
import { spawnSync } from 'node:child_process';
import { main, preparePrometheus } from './bootstrap.mjs';

await main(async (args) => {
  const { promtool } = await preparePrometheus();
  const { status, error } = spawnSync(promtool, args, { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 1;
});
