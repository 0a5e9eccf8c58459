import type { AccountConfig } from '@rookery/config';
import { SECOND, type Clock, type PoolName, type SelfId } from '@rookery/protocol';
import type { Delivery } from './delivery/delivery';
import type { Intake } from './intake/intake';
import type { Links } from './link/links';

export interface ConnectorParts {
  readonly links: Links;
  readonly intake: Intake;
  readonly delivery: Delivery;
  readonly clock: Clock;
}

/** How long actions under way may still get their reply when we stop. */
const REPLIES_MS = 8 * SECOND;
/** How long what was read may still reach Redis when we stop. */
const FLUSH_MS = 3 * SECOND;

/** Joins the three stages of a connector: what links read goes to intake, what delivery takes goes to links. */
export class Connector {
  readonly #pools = new Map<SelfId, PoolName>();

  constructor(private readonly parts: ConnectorParts) {
    const { links, intake, delivery } = parts;
    links.on('event', (self, frame, bytes) => {
      const pool = this.#pools.get(self);
      if (pool !== undefined) intake.accept(self, pool, frame, bytes);
    });
    intake.on('full', () => links.pauseReading());
    intake.on('drained', () => links.resumeReading());
    links.on('status', ({ self, state }) => {
      if (state === 'online' || state === 'deaf') delivery.linkUp(self);
      else delivery.linkDown(self);
    });
  }

  /** Takes the accounts and begins to connect. Rejects when the reverse address cannot be listened on. */
  async start(accounts: readonly AccountConfig[]): Promise<void> {
    const { links, delivery } = this.parts;
    await links.listen();
    for (const account of accounts) {
      this.#pools.set(account.selfId, account.pool);
      delivery.add(account.selfId);
      links.add(account);
    }
  }

  /**
   * Takes no new actions, lets those under way get their replies, closes the sockets (what has no reply by then ends as
   * unknown), and hands what was read to Redis.
   */
  async stop(): Promise<void> {
    const { links, intake, delivery } = this.parts;
    const delivered = delivery.stop();
    await this.#within(REPLIES_MS, delivered);
    await links.close();
    await delivered;
    await this.#within(FLUSH_MS, intake.flushed());
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    const deadline = new Promise<void>((resolve) => (cancel = this.parts.clock.after(ms, resolve)));
    await Promise.race([work, deadline]);
    cancel();
  }
}
