import { isUtf8 } from 'node:buffer';
import { scan } from './frame-scan';
import { printable } from './printable';

/** Bounds of a received frame. Its length is bounded by the socket (`maxPayload`). */
export interface FrameLimits {
  /** Deepest nesting of arrays and objects. Deeper values parse, but cannot be serialised again. */
  readonly maxDepth: number;
  /** Most segments of one message. */
  readonly maxSegments: number;
  /** Most object keys of one frame: a million keys block the event loop for a second. */
  readonly maxKeys: number;
}

export const FRAME_LIMITS: FrameLimits = { maxDepth: 64, maxSegments: 500, maxKeys: 200_000 };

/** Why a frame was dropped. */
export const FRAME_REJECTIONS = ['utf8', 'json', 'shape', 'depth', 'keys', 'segments'] as const;
export type FrameRejection = (typeof FRAME_REJECTIONS)[number];

declare const eventFrame: unique symbol;
/** A parsed frame with a `post_type`; its other fields are not checked yet. */
export type EventFrame = Readonly<Record<string, unknown>> & { readonly [eventFrame]: true };

/** A parsed answer to an action. */
export interface Reply {
  /** `ok`, `failed`, `async`, or what came; empty when the key is missing. */
  readonly status: string;
  /** Undefined when missing or not an integer. */
  readonly retcode: number | undefined;
  /** Undefined when the key is missing: NapCat leaves it out where the action returns nothing. */
  readonly data: unknown;
  /** The only statement of the cause; empty when missing. */
  readonly message: string;
  readonly echo: unknown;
  /** True for frames of stream actions, of which several may carry one echo. */
  readonly stream: boolean;
}

export type DecodedFrame =
  | { readonly kind: 'event'; readonly frame: EventFrame }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'rejected'; readonly reason: FrameRejection; readonly sample: string };

const SAMPLE_MAX = 200;
/** The shortest integers that may lie beyond 2^53 have so many digits. */
const LONG_NUMBER = 16;
/** Up to here a text may be parsed before its exact depth is known. */
const SMALL_FRAME = 64 * 1024;

/**
 * Parses one frame; never throws. Binary frames that hold JSON are accepted and a byte-order mark is stripped. Integers
 * beyond 2^53 come as decimal strings, exactly. Of duplicate keys the last wins. Strict JSON only.
 */
export function decodeFrame(data: string | Buffer, limits: FrameLimits = FRAME_LIMITS): DecodedFrame {
  if (typeof data !== 'string' && !isUtf8(data)) return rejected('utf8', data.toString('latin1', 0, SAMPLE_MAX));
  let text = typeof data === 'string' ? data : data.toString('utf8');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);

  if (needsScan(text, limits.maxDepth)) {
    const scanned = scan(text, limits.maxDepth, limits.maxKeys);
    if (scanned.depth > limits.maxDepth) return rejected('depth', text);
    if (scanned.keys > limits.maxKeys) return rejected('keys', text);
    text = scanned.text;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return rejected('json', text);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return rejected('shape', text);
  if (needsCleaning(text)) clean(value);

  const frame = value as EventFrame;
  const postType = frame['post_type'];
  if (typeof postType === 'string') {
    const message = frame['message'];
    if (Array.isArray(message) && message.length > limits.maxSegments) return rejected('segments', text);
    return { kind: 'event', frame };
  }
  if (postType === undefined && ('status' in frame || 'retcode' in frame))
    return { kind: 'reply', reply: toReply(frame) };
  return rejected('shape', text);
}

function toReply(frame: Readonly<Record<string, unknown>>): Reply {
  const { status, retcode, data, echo } = frame;
  const message = [frame['message'], frame['wording'], frame['msg']].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return {
    status: typeof status === 'string' ? status : '',
    retcode: typeof retcode === 'number' && Number.isInteger(retcode) ? retcode : undefined,
    data,
    message: typeof message === 'string' ? message : '',
    echo,
    stream: frame['stream'] === 'stream-action',
  };
}

function rejected(reason: FrameRejection, text: string): DecodedFrame {
  return { kind: 'rejected', reason, sample: printable(text, SAMPLE_MAX) };
}

/**
 * Most frames are small, flat and hold no long number: one look at each character takes the place of the scan. Strings are
 * not told from the rest, so it may say yes where the scan finds nothing, never the reverse. The codes are written out and
 * letters come first, since this loop is a third of what a frame costs.
 */
function needsScan(text: string, maxDepth: number): boolean {
  if (text.length > SMALL_FRAME) return true;
  let openers = 0; // the nesting cannot be deeper than their number
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 57) {
      const opens = code === 123 || code === 91; // { [
      if (opens && ++openers > maxDepth) return true;
      const exponent = code === 101 || code === 69; // e E
      if (exponent && digits > 0 && endsNumber(text, i)) return true;
      digits = 0;
    } else if (code < 48) {
      digits = 0;
    } else if (++digits === LONG_NUMBER) {
      return true;
    }
  }
  return false;
}

/** Whether the digits and dots before `end` begin where a JSON value may begin, unlike those inside a hash. */
function endsNumber(text: string, end: number): boolean {
  let i = end - 1;
  while (i >= 0 && /[0-9.]/.test(text.charAt(i))) i -= 1;
  return i >= 0 && /[\s:,[-]/.test(text.charAt(i));
}

const POLLUTING = new Set(['__proto__', 'constructor', 'prototype']);

function needsCleaning(text: string): boolean {
  return (
    text.includes('\\u') || text.includes('__proto__') || text.includes('constructor') || text.includes('prototype')
  );
}

/** Replaces lone surrogates, which only escapes can bring in, and removes keys that reach a prototype in careless hands. */
function clean(value: object): void {
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    if (POLLUTING.has(key)) delete fields[key];
    else if (typeof item === 'string') fields[key] = wellFormed(item);
    else if (typeof item === 'object' && item !== null) clean(item);
  }
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
