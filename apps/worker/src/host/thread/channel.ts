import { parentPort, workerData } from 'node:worker_threads';
import { RookeryError } from '@rookery/protocol';
import type { FromThread, PluginData, ThreadData, ToThread } from './messages';

/** The plugin's end of what joins it with the worker's main thread. */
export interface Channel {
  readonly plugin: PluginData;
  /** From now on the code of this call is what runs, or, 0, that of none: the main thread sees it at once, whatever the code does. */
  runs(call: number): void;
  postMessage(messages: readonly FromThread[]): void;
  listen(take: (messages: readonly ToThread[]) => void): void;
}

export function openChannel(): Promise<Channel> {
  const port = parentPort;
  if (port === null) return openProcessChannel();
  const { running: shared, ...plugin } = workerData as ThreadData;
  const running = new Int32Array(shared);
  return Promise.resolve({
    plugin,
    runs: (call) => void Atomics.store(running, 0, call),
    postMessage: (messages) => port.postMessage(messages),
    listen: (take) => void port.on('message', take),
  });
}

/** Its ways to the parent are taken away from the plugin, which asks through its context like any other. */
function openProcessChannel(): Promise<Channel> {
  const send = process.send?.bind(process);
  if (!send) throw new RookeryError('INTERNAL', 'the script of plugins was started by hand');
  process.on('disconnect', () => process.exit(0));
  return new Promise((resolve) => {
    process.once('message', (plugin) => {
      delete process.send;
      resolve({
        plugin: plugin as PluginData,
        runs: (call) => void send([{ type: 'running', call } satisfies FromThread]),
        postMessage: (messages) => void send(messages),
        listen: (take) => void process.on('message', (messages) => take(messages as readonly ToThread[])),
      });
    });
  });
}
