import type { FromThread, ToThread } from './messages';

/** What a plugin's code runs in, a thread or a process, as the worker's main thread sees it. It has begun when it is made. */
export interface Carrier {
  /** The call whose code runs at this moment, as far as is known, or 0; undefined where it cannot be seen and has to be told. */
  readonly running: number | undefined;
  postMessage(messages: readonly ToThread[]): void;
  onMessages(take: (messages: readonly FromThread[]) => void): void;
  /** Called once, with why it ended. */
  onEnd(ended: (cause: string) => void): void;
  /** Ends it at once, whatever it does. */
  stop(): Promise<void>;
}

/** What a plugin's code is started with. */
export interface CarrierOptions {
  /** Compiled script of threads and processes. */
  readonly script: string;
  /** Heap, MiB. */
  readonly memoryMb: number;
}
