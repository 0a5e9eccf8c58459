import type { Envelope, WrittenEnvelope } from '@rookery/protocol';

/** An envelope as a connector would write it. */
export function writtenEnvelope({ partition, node, seq, ...rest }: Envelope): WrittenEnvelope {
  const json = Buffer.from(JSON.stringify({ partition, node, seq, ...rest }));
  return { partition, node, seq, events: rest.events.length, json };
}
