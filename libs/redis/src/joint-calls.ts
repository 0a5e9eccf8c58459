import { CallsUnderWay, type BegunCall } from './calls-under-way';
import { tellEach, type Told } from './told';

export interface JointEntry<T, Key> {
  /** Whose it is: a partition, an account. */
  readonly key: Key;
  readonly entry: T;
}

export interface JointCallsOptions<T, R, Key> {
  readonly isCluster: boolean;
  /** Most entries of one call. */
  readonly max: number;
  /** One answer per entry, in their order, or why this one was refused. Of several keys on one server, of one on a Redis Cluster. */
  readonly run: (entries: readonly JointEntry<T, Key>[]) => Promise<readonly (R | Error)[]>;
}

interface Waiting<T, R, Key> extends JointEntry<T, Key>, Told<R> {}

/**
 * What is asked for keys of several slots, in as few calls as can be: two are under way at a time, on a Redis Cluster one for each key, and what comes up
 * meanwhile travels in the next. The first entry waits for nothing but the end of the current turn, all that its promises lead to included.
 * Entries of one key keep their order: the next goes when those before it are answered.
 */
export class JointCalls<T, R, Key extends string | number = number> {
  readonly #calls: CallsUnderWay<Key>;
  #waiting: Waiting<T, R, Key>[] = [];

  constructor(private readonly options: JointCallsOptions<T, R, Key>) {
    const { isCluster } = options;
    this.#calls = new CallsUnderWay({
      isCluster,
      begin: (isBusy) => this.#begin(isBusy),
      gather: (then) => process.nextTick(then),
    });
  }

  /** Rejects when the call that carried the entry did, or the entry was refused. */
  add(key: Key, entry: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, entry, resolve, reject });
      this.#calls.soon();
    });
  }

  #begin(isBusy: (key: Key) => boolean): BegunCall<Key> | undefined {
    const { isCluster, max } = this.options;
    const going: Waiting<T, R, Key>[] = [];
    const left: Waiting<T, R, Key>[] = [];
    for (const one of this.#waiting) {
      const isAlong = !isCluster || going.length === 0 || one.key === going[0]?.key;
      (going.length < max && isAlong && !isBusy(one.key) ? going : left).push(one);
    }
    if (going.length === 0) return undefined;
    this.#waiting = left;
    return { keys: going.map(({ key }) => key), done: tellEach(going, () => this.options.run(going)) };
  }
}
