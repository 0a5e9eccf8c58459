import { SECOND, type Clock } from '@rookery/protocol';

interface Awaited {
  readonly mark: number;
  readonly since: number;
  readonly onRead: () => void;
}

/** A peer that says something so long after a ping has read it, if it is one of those that never answer pings. */
const SURELY_READ_MS = 2 * SECOND;

/**
 * Finds out when the peer of one connection has read what was written to it: a ping is written behind it, and pongs come in the order of
 * reading (RFC 6455 5.5.2). What lies in the socket of a peer that is frozen is not read, however long ago the operating system took it.
 */
export class Receipts {
  readonly #awaited: Awaited[] = [];
  #pings = 0;
  #answersPings = false;

  constructor(
    private readonly clock: Clock,
    private readonly ping: (mark: string) => void,
  ) {}

  /** `onRead` is called once: when all that was written until now is read, or nobody will ever know because the connection has ended. */
  expect(onRead: () => void): void {
    const mark = (this.#pings += 1);
    this.#awaited.push({ mark, since: this.clock.monotonic(), onRead });
    this.ping(String(mark));
  }

  ponged(mark: string): void {
    this.#answersPings = true;
    this.#settle((awaited) => awaited.mark <= Number(mark));
  }

  /** A frame came. */
  heard(): void {
    if (this.#awaited.length === 0 || this.#answersPings) return;
    const before = this.clock.monotonic() - SURELY_READ_MS;
    this.#settle(({ since }) => since <= before);
  }

  ended(): void {
    this.#settle(() => true);
  }

  #settle(isRead: (awaited: Awaited) => boolean): void {
    for (let [first] = this.#awaited; first !== undefined && isRead(first); [first] = this.#awaited) {
      this.#awaited.shift();
      first.onRead();
    }
  }
}
