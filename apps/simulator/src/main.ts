import { z } from 'zod';
import { readOptions } from './options';
import { runSimulator, type RunningSimulator } from './run';

/** From our parent: what a person at its terminal has typed. */
const typed = z.object({ type: z.literal('say'), text: z.string() });

let simulator: Promise<RunningSimulator> | undefined;

/** Also while it is still starting. */
function stop(): void {
  const closed = simulator?.then((running) => running.close()) ?? Promise.resolve();
  void closed.then(() => process.exit(0));
}

async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(signal, stop);
  simulator = runSimulator(readOptions(process.argv.slice(2)));
  const { ready, say } = await simulator;
  process.on('message', (message) => {
    const { success, data } = typed.safeParse(message);
    if (success) say(data.text);
  });
  process.send?.(ready);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // Not exitCode: the IPC channel of a parent would keep the process alive.
  process.exit(1);
});
