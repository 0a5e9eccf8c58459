import { assertNever } from '../errors';
import { isDecimalId } from '../ids';
import { checkMedia, type MediaPolicy } from '../segments/media-policy';
import { prepareMessage, type Place } from '../segments/outgoing';
import type { MessageLike, Segment } from '../segment';
import type { ParamShape, ParamSpec } from './action-spec';

/** What the checks of one action's parameters share. */
export interface Checks {
  readonly place: Place;
  readonly media: MediaPolicy;
  /** Receives what was changed on the way out, for people. */
  readonly notes: string[];
}

/** The value as it is sent; throws an Error whose message completes "parameter x …" when it is of a wrong type. */
export function checkParam(value: unknown, spec: ParamSpec, checks: Checks): unknown {
  if (typeof spec === 'object') {
    if (typeof value !== 'string' || !spec.oneOf.includes(value)) throw wrong(`one of ${spec.oneOf.join(', ')}`, value);
    return value;
  }
  return checkShape(value, spec.replace('!', '') as ParamShape, checks);
}

function checkShape(value: unknown, shape: ParamShape, checks: Checks): unknown {
  switch (shape) {
    case 'id':
      return decimal(value);
    case 'ids':
      return items(value).map(decimal);
    case 'text':
      return typeof value === 'number' ? String(scalar(value)) : text(value);
    case 'textOrNull':
      return value === null ? null : text(value);
    case 'scalar':
      return scalar(value);
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('a finite number', value);
      return value;
    case 'flag':
      return flag(value);
    case 'list':
      return items(value).map(scalar);
    case 'message':
    case 'nodes':
      return message(value, shape, checks);
    case 'news':
      if (!Array.isArray(value) || !value.every(isNews)) throw wrong('an array of { text }', value);
      return value;
    case 'media':
      return checkMedia(text(value), checks.media);
    case 'mediaList':
      return items(value).map((item) => checkMedia(text(item), checks.media));
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('an object', value);
      return value;
    default:
      return assertNever(shape);
  }
}

function decimal(value: unknown): string {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof id !== 'string' || !isDecimalId(id)) throw wrong('a QQ number as decimal text', value);
  return id;
}

function scalar(value: unknown): string | number {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('text or a number', value);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw wrong('exact; pass numbers beyond 2^53 as text', value);
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw wrong('text', value);
  return value;
}

function flag(value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw wrong('true or false', value);
}

function items(value: unknown): unknown[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw wrong('a list that is not empty', value);
  return list;
}

function message(value: unknown, shape: 'message' | 'nodes', checks: Checks): Segment[] {
  const isMessage = typeof value === 'string' || (typeof value === 'object' && value !== null);
  if (!isMessage) throw wrong('a message: text, a segment or an array of them', value);
  const { segments, notes } = prepareMessage(value as MessageLike, { place: checks.place, media: checks.media });
  if (shape === 'nodes' && segments[0]?.type !== 'node') throw wrong('an array of node segments', value);
  checks.notes.push(...notes);
  return segments;
}

function isNews(item: unknown): boolean {
  return typeof item === 'object' && item !== null && typeof (item as { text?: unknown }).text === 'string';
}

function wrong(wanted: string, value: unknown): Error {
  return new Error(`must be ${wanted}, got ${describe(value)}`);
}

/** Never the value itself when it is long: it may hold a message or a key. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string')
    return value.length <= 40 ? JSON.stringify(value) : `${value.length} characters of text`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'nothing' : `a value of type ${typeof value}`;
}
