import { toError } from '@rookery/protocol';
import type { StartingProcess } from '../../e2e/support/processes';
import type { FaultyCluster } from './cluster';

/** As `rookery up` waits before it starts a process again that has ended by itself. */
const AGAIN_MS = 1_000;

/**
 * The place of one process in a cluster: whenever the process ends, its successor starts, at once after a kill.
 *
 * starting   the process is there and does not serve yet. Left when it is ready, and for `starting` again when it ends
 * serving    left for `starting` by a kill
 */
export class Seat {
  #process: StartingProcess | undefined;
  #isServing = false;

  /** `onGaveUp`: a process has ended while it started, and nobody had killed it; on a machine that is overloaded Redis answers too late. */
  constructor(
    private readonly cluster: FaultyCluster,
    readonly app: 'connector' | 'worker',
    private readonly onGaveUp: (reason: Error) => void,
  ) {}

  get isServing(): boolean {
    return this.#isServing;
  }

  async start(): Promise<void> {
    const process = await this.cluster.begin(this.app);
    this.#process = process;
    process.ready.then(
      () => (this.#isServing = this.#process === process),
      (thrown: unknown) => {
        if (this.#process !== process) return;
        this.onGaveUp(toError(thrown));
        setTimeout(() => {
          if (this.#process === process) void this.start();
        }, AGAIN_MS);
      },
    );
  }

  /** SIGKILL, whatever the process is doing; its successor has begun when this resolves. */
  async kill(): Promise<void> {
    const victim = this.#process;
    this.#process = undefined;
    this.#isServing = false;
    await victim?.stop('SIGKILL');
    await this.start();
  }

  /** No successor is started any more. */
  leave(): void {
    this.#process = undefined;
  }
}
