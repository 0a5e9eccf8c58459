import type { Clock, WrittenEnvelope } from '@rookery/protocol';
import { putEnvelope, type Redis } from '@rookery/redis';
import { ENVELOPE_JOB } from './catalogue';

/** Puts envelopes into the event queues. */
export class EventPublisher {
  readonly #options = JSON.stringify(ENVELOPE_JOB);

  /** `redis`: a connection of use `producer`. */
  constructor(
    private readonly redis: Redis,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Resolves when Redis has acknowledged the envelope; rejects within about a second when it does not. A rejected one may
   * still have been stored: publish the same envelope again, its id makes the second a no-op.
   */
  async publish(envelope: WrittenEnvelope): Promise<void> {
    await putEnvelope(this.redis, envelope, { options: this.#options, now: this.clock.now() });
  }
}
