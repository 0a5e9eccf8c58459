import { SECOND, type Clock, type PoolName, type SelfId } from '@rookery/protocol';
import type { Delivery } from './delivery/delivery';
import type { Intake } from './intake/intake';
import type { MemoryGuard } from './intake/memory-guard';
import type { Links } from './link/links';
import type { Ownership } from './ownership/ownership';

export interface ConnectorParts {
  readonly links: Links;
  readonly intake: Intake;
  readonly guard: MemoryGuard;
  readonly delivery: Delivery;
  readonly ownership: Ownership;
  /** The pool of an account of the cluster. */
  readonly poolOf: (self: SelfId) => PoolName | undefined;
  readonly clock: Clock;
}

/** How long actions under way may still get their reply, and the next owners may need until they are online, when we stop. */
const HANDOVER_MS = 8 * SECOND;
/** How long what was read may still reach Redis when we stop. */
const FLUSH_MS = 3 * SECOND;

/** Joins the three stages of a connector: what links read goes to intake, what delivery takes goes to links. */
export class Connector {
  constructor(private readonly parts: ConnectorParts) {
    const { links, intake, guard, delivery, poolOf } = parts;
    links.on('event', (self, frame, _bytes, connection) => {
      const pool = poolOf(self);
      if (pool !== undefined) intake.accept(self, pool, frame, { connection });
    });
    guard.on('shut', () => intake.hold());
    guard.on('opened', () => intake.release());
    intake.on('full', () => links.pauseReading());
    intake.on('drained', () => links.resumeReading());
    links.on('status', ({ self, state }) => {
      if (state === 'online' || state === 'deaf') delivery.linkUp(self);
      else delivery.linkDown(self);
    });
  }

  /** Joins the cluster and takes this node's share of the accounts. Rejects when the reverse address cannot be listened on. */
  async start(): Promise<void> {
    const { links, guard, ownership } = this.parts;
    await guard.start();
    await links.listen();
    await ownership.start();
  }

  /**
   * Hands the accounts over, each when its actions under way have their reply, closes the sockets (what has no reply by then
   * ends as unknown), and hands what was read to Redis.
   */
  async stop(): Promise<void> {
    const { links, intake, guard, delivery, ownership } = this.parts;
    await this.#within(HANDOVER_MS, ownership.stop());
    const delivered = delivery.stop();
    await links.close();
    await delivered;
    guard.stop();
    await this.#within(FLUSH_MS, intake.flushed());
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    const deadline = new Promise<void>((resolve) => (cancel = this.parts.clock.after(ms, resolve)));
    await Promise.race([work, deadline]);
    cancel();
  }
}
