import type { Clock, WrittenEnvelope } from '@rookery/protocol';
import { EnvelopePuts, type Redis } from '@rookery/redis';
import { ENVELOPE_JOB } from './catalogue';

/** Puts envelopes into the event queues. */
export class EventPublisher {
  readonly #puts: EnvelopePuts;

  /** `redis`: a connection of use `producer`. */
  constructor(redis: Redis, clock: Pick<Clock, 'now'>) {
    this.#puts = new EnvelopePuts({ redis, clock, options: JSON.stringify(ENVELOPE_JOB) });
  }

  /**
   * Resolves when Redis has acknowledged the envelope; rejects within about a second when it does not. A rejected one may
   * still have been stored: publish the same envelope again, its id makes the second a no-op.
   */
  publish(envelope: WrittenEnvelope): Promise<void> {
    return this.#puts.put(envelope);
  }
}
