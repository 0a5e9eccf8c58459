import { readOptions } from './options';
import { runSimulator, type RunningSimulator } from './run';

let simulator: Promise<RunningSimulator> | undefined;

/** Also while it is still starting. */
function stop(): void {
  const closed = simulator?.then((running) => running.close()) ?? Promise.resolve();
  void closed.then(() => process.exit(0));
}

async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(signal, stop);
  simulator = runSimulator(readOptions(process.argv.slice(2)));
  process.send?.((await simulator).ready);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // Not exitCode: the IPC channel of a parent would keep the process alive.
  process.exit(1);
});
