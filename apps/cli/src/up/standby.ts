import { prepareChild, type ChildContext, type ChildSpec, type Prepared } from './child';

/**
 * The next process of an app, begun while the present one works: loading its code is most of what a start takes. At most one waits; one
 * that has ended is not handed out.
 */
export class Standby {
  #waiting: Prepared | undefined;
  #stopped = false;

  constructor(
    private readonly spec: () => ChildSpec,
    private readonly context: Pick<ChildContext, 'output'>,
  ) {}

  /** Begins the next one, if none waits. */
  prepare(): void {
    if (this.#waiting !== undefined || this.#stopped) return;
    const prepared = prepareChild(this.spec(), this.context);
    this.#waiting = prepared;
    void prepared.gone.then(() => {
      if (this.#waiting === prepared) this.#waiting = undefined;
    });
  }

  take(): Prepared | undefined {
    const prepared = this.#waiting;
    this.#waiting = undefined;
    return prepared?.child.connected === true ? prepared : undefined;
  }

  /** Resolves when none waits, for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const prepared = this.#waiting;
    this.#waiting = undefined;
    prepared?.child.kill('SIGKILL');
    await prepared?.gone;
  }
}
