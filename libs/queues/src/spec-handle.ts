import type { Envelope } from '@rookery/protocol';
import type { EventConsumerOptions } from './event-consumer';

/** For specs: an envelope is settled when `handle` is through with it. */
export const settling =
  (handle: (envelope: Envelope) => Promise<void>): EventConsumerOptions['handle'] =>
  async (envelope) => {
    await handle(envelope);
    return 'settled';
  };
