import { Worker } from 'node:worker_threads';
import { toError } from '@rookery/protocol';
import type { Carrier, CarrierOptions } from './carrier';
import type { FromThread, PluginData, ThreadData, ToThread } from './messages';

/** A thread of this process: begins in some 25 ms, and shares with us which call it is at. A bulkhead, not a wall. */
export class ThreadCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(4));
  #cause: string | undefined;

  constructor(plugin: PluginData, { script, memoryMb }: CarrierOptions) {
    const data: ThreadData = { ...plugin, running: this.#shared.buffer as SharedArrayBuffer };
    this.#worker = new Worker(script, {
      workerData: data,
      // Secrets of the process are not the plugin's business.
      env: {},
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => (this.#cause ??= causeOf(error)));
  }

  get running(): number {
    return Atomics.load(this.#shared, 0);
  }

  postMessage(messages: readonly ToThread[]): void {
    this.#worker.postMessage(messages);
  }

  onMessages(take: (messages: readonly FromThread[]) => void): void {
    this.#worker.on('message', take);
  }

  onEnd(ended: (cause: string) => void): void {
    this.#worker.on('exit', (code) => ended(this.#cause ?? `it exited with code ${code}`));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

function causeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of its memory' : toError(error).message;
}
