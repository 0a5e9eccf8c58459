import { EnvelopeDraft, type Event, type WrittenEnvelope } from '@rookery/protocol';

/** An envelope as a connector would write it. */
export function writtenEnvelope({
  events,
  ...place
}: Pick<WrittenEnvelope, 'partition' | 'node' | 'seq'> & { readonly events: readonly Event[] }): WrittenEnvelope {
  const draft = new EnvelopeDraft(place);
  for (const event of events) draft.add(event);
  return draft.written();
}
