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

/**
 * Fields as an event frame: for messages inside a reply, which was bounded and cleaned as a whole, and for frames that we make
 * from one. Undefined when they are no object with a `post_type`.
 */
export function asEventFrame(value: unknown): EventFrame | undefined {
  if (typeof value !== 'object' || value === null || !('post_type' in value)) return undefined;
  return typeof value.post_type === 'string' ? (value as unknown as EventFrame) : undefined;
}

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
  return {
    status: typeof status === 'string' ? status : '',
    retcode: typeof retcode === 'number' && Number.isInteger(retcode) ? retcode : undefined,
    data,
    message: textOf(frame['message']) || textOf(frame['wording']) || textOf(frame['msg']),
    echo,
    stream: frame['stream'] === 'stream-action',
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function rejected(reason: FrameRejection, text: string): DecodedFrame {
  return { kind: 'rejected', reason, sample: printable(text, SAMPLE_MAX) };
}

/**
 * Most frames are small, flat and hold no long number: a quick look takes the place of the scan. Strings are not told from the
 * rest, so it may say yes where the scan finds nothing, never the reverse. Every frame pays for this: a loop over all
 * characters takes twice as long, and so does a regex for the long numbers.
 */
function needsScan(text: string, maxDepth: number): boolean {
  return text.length > SMALL_FRAME || mayNest(text, maxDepth) || hasLongNumber(text) || hasExponent(text);
}

/** Also finds what only looks like one, inside a hash for example; a scan then settles it. */
const EXPONENT = /[\s:,[-][\d.]+[eE]/;
/** A part of it that is found, or not found, in a third of the time. */
const DIGIT_BEFORE_E = /[\d.][eE]/;

function hasExponent(text: string): boolean {
  return DIGIT_BEFORE_E.test(text) && EXPONENT.test(text);
}

/** The nesting cannot be deeper than the number of openers. */
function mayNest(text: string, maxDepth: number): boolean {
  let openers = 0;
  for (const opener of ['{', '[']) {
    for (let at = text.indexOf(opener); at >= 0; at = text.indexOf(opener, at + 1)) {
      if (++openers > maxDepth) return true;
    }
  }
  return false;
}

/** A run of so many digits covers a position that is a multiple of their number, so the others need no look. */
function hasLongNumber(text: string): boolean {
  for (let at = 0; at < text.length; at += LONG_NUMBER) {
    if (!isDigit(text, at)) continue;
    let from = at;
    while (isDigit(text, from - 1)) from -= 1;
    while (isDigit(text, at + 1)) at += 1;
    if (at + 1 - from >= LONG_NUMBER && mayBeginNumber(text, from)) return true;
  }
  return false;
}

/** What people write about orders and parcels is full of long numbers; within a string they seldom follow one of these. */
function mayBeginNumber(text: string, from: number): boolean {
  let before = from - 1;
  while (before >= 0 && MINUS_OR_SPACE.includes(text.charAt(before))) before -= 1;
  return before >= 0 && BEFORE_NUMBER.includes(text.charAt(before));
}

const MINUS_OR_SPACE = '- \n\r\t';
const BEFORE_NUMBER = ':,[';

/** False beyond the ends, where the code is NaN. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

const POLLUTING = new Set(['__proto__', 'constructor', 'prototype']);

/** Two of the three names have `proto` in them. */
function needsCleaning(text: string): boolean {
  return text.includes('\\u') || text.includes('proto') || text.includes('constructor');
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
