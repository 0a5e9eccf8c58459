import type { NodeId } from '../ids';
import type { EnvelopeEvent } from './folded-message';

/** Most events in one envelope; reached under overload only. */
export const ENVELOPE_MAX_EVENTS = 256;
/** Most bytes of an envelope with several events; a single larger event travels alone. */
export const ENVELOPE_MAX_BYTES = 256 * 1024;

/**
 * The data of one job of an event queue: whatever arrived for a partition while the previous add was in flight. As text it is one JSON
 * object in several lines. The first holds the place of the envelope and the head of each event; then follows, in a line of its own and
 * in the same order, the body of each (docs/decisions/0023).
 */
export interface Envelope {
  readonly v: 2;
  readonly partition: number;
  /** The connector that filled it. */
  readonly node: NodeId;
  /** Counts up per node and partition from 1. */
  readonly seq: number;
  readonly events: readonly EnvelopeEvent[];
}

/** An {@link Envelope} as it leaves a connector. */
export interface WrittenEnvelope extends Pick<Envelope, 'partition' | 'node' | 'seq'> {
  /** How many. */
  readonly events: number;
  /** The whole envelope as JSON, in UTF-8. */
  readonly json: Uint8Array;
}
