import type { Event } from './event';
import type { NodeId } from './ids';

/** Most events in one envelope; reached under overload only. */
export const ENVELOPE_MAX_EVENTS = 256;
/** Most bytes of an envelope with several events; a single larger event travels alone. */
export const ENVELOPE_MAX_BYTES = 256 * 1024;

/** The data of one job of an event queue: whatever arrived for a partition while the previous add was in flight. */
export interface Envelope {
  readonly v: 1;
  readonly partition: number;
  /** The connector that filled it. */
  readonly node: NodeId;
  /** Counts up per node and partition from 1. */
  readonly seq: number;
  readonly events: readonly Event[];
}

/** An {@link Envelope} as it leaves a connector. */
export interface WrittenEnvelope extends Pick<Envelope, 'partition' | 'node' | 'seq'> {
  /** How many. */
  readonly events: number;
  /** The whole envelope as JSON, in UTF-8. */
  readonly json: Uint8Array;
}
