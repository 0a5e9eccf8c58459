import { createHash } from 'node:crypto';

/** One span of OpenTelemetry. Times are milliseconds since 1970. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind: 'internal' | 'client' | 'producer' | 'consumer';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What happened within it at one moment. */
  readonly events?: readonly { readonly name: string; readonly atMs: number }[];
  /** Code of the error that it ended with. */
  readonly error?: string;
}

/**
 * The ids of W3C Trace Context that belong to an event. Every process derives them from the event's id, so that the parts which
 * different processes tell of come together without anything being handed from one to the other.
 */
export const traceIdOf = (event: string): string => digest(event).slice(0, 32);
/** `part`: what of the event the span is about. */
export const spanIdOf = (event: string, part: string): string => digest(`${event} ${part}`).slice(0, 16);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether a trace is among the share of all that are kept: by its random digits, so that all processes choose the same ones. */
export const isSampled = (traceId: string, share: number): boolean =>
  Number.parseInt(traceId.slice(-13), 16) < share * 16 ** 13;
