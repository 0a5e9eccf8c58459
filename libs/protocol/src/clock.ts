/** Time as something that is passed in, so that tests advance it instead of sleeping. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. For stamps; it may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start that only grow. For deadlines and intervals. */
  monotonic(): number;
  /** Calls once after `ms`. The returned function cancels. A pending call does not keep the process alive. */
  after(ms: number, call: () => void): () => void;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. A wait that something else may end early belongs to {@link Clock.after} itself. */
export function pause(clock: Pick<Clock, 'after'>, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** Random numbers in [0, 1), passed in for the same reason. */
export type Random = () => number;
