import { fork, type ChildProcess } from 'node:child_process';
import type { Carrier, CarrierOptions } from './carrier';
import type { FromThread, PluginData, ToThread } from './messages';
import { readable } from './readable';

/**
 * A process of its own, for plugins that are not trusted: it sees no environment, reads the code of the plugin and of packages and no
 * other file, writes none, and starts neither processes nor threads (Node's permissions). What it can do is reach the network.
 * A crash of native code ends it alone. It ends when this process does.
 */
export class ProcessCarrier implements Carrier {
  readonly running = undefined;
  readonly #child: ChildProcess;
  readonly #gone: Promise<string>;

  constructor(plugin: PluginData, { script, memoryMb }: CarrierOptions) {
    const { sharedPath } = plugin.media;
    const paths = [...readable(script, plugin.source.module), ...(sharedPath === undefined ? [] : [sharedPath.ours])];
    this.#child = fork(script, [], {
      execArgv: [
        PERMISSIONS,
        ...paths.map((path) => `--allow-fs-read=${path}`),
        `--max-old-space-size=${memoryMb}`,
        '--max-semi-space-size=8',
        '--no-allocation-site-pretenuring',
        '--no-warnings',
      ],
      env: {},
      serialization: 'advanced',
    });
    this.#child.unref();
    this.#child.channel?.unref();
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it could not run: ${error.message}`));
      this.#child.once('exit', (code, signal) => resolve(causeOf(code, signal)));
    });
    this.#send(plugin);
  }

  postMessage(messages: readonly ToThread[]): void {
    this.#send(messages);
  }

  onMessages(take: (messages: readonly FromThread[]) => void): void {
    this.#child.on('message', (message) => take(message as readonly FromThread[]));
  }

  onEnd(ended: (cause: string) => void): void {
    void this.#gone.then(ended);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #send(message: PluginData | readonly ToThread[]): void {
    // A process that is gone is told of by its end; what it was to be told is of no use to anybody.
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }
}

/** Stable under this name since Node 23.5. */
const PERMISSIONS = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Node aborts when the heap is at its limit. */
function causeOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGABRT' || code === 134) return 'it ran out of its memory';
  return signal === null ? `it exited with code ${code}` : `it was killed by ${signal}`;
}
