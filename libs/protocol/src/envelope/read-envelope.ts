import { RookeryError, toError } from '../errors';
import { EVENT_TYPES, type Event } from '../event';
import { nodeId, type NodeId } from '../ids';
import { ENVELOPE_MAX_EVENTS, type Envelope } from './envelope';
import { FoldedMessage, type EnvelopeEvent } from './folded-message';
import type { HeadFields } from './message-parts';

const NEWLINE = 10;
const COMMA = 44;
const CLOSE = ']}';
const WHAT_IS_NEEDED = 'must have id, type, self, conversation and receivedAt';

/** By hand, since every event passes here: a schema of these fields takes ten times as long. */
function isHead(value: unknown): boolean {
  return Array.isArray(value) ? isMessageHead(value) : isWhole(value);
}

function isMessageHead(fields: readonly unknown[]): boolean {
  if (fields.length !== HEAD_LENGTH) return false;
  const [event, self, pool, conversation, receivedAt, scene, user, role, own, text] = fields;
  if (!isName(event) || !isName(self) || !isName(pool) || !isName(conversation) || !isName(user)) return false;
  if (!Number.isFinite(receivedAt) || typeof scene !== 'object' || scene === null || !('kind' in scene)) return false;
  return (role === null || ROLES.has(role)) && typeof own === 'boolean' && typeof text === 'string';
}

/** Events inside are checked for what routing needs; their content was made by our own connector's normalizer. */
function isWhole(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id: event, type, self, conversation, receivedAt } = value as Readonly<Record<string, unknown>>;
  const names = isName(event) && isName(self) && isName(conversation);
  return names && WHOLE_TYPES.has(type) && Number.isFinite(receivedAt);
}

const HEAD_LENGTH = 10;
const ROLES: ReadonlySet<unknown> = new Set(['owner', 'admin', 'member']);
const WHOLE_TYPES: ReadonlySet<unknown> = new Set(EVENT_TYPES.filter((type) => type !== 'message'));
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';

interface FirstLine {
  readonly v: 2;
  readonly partition: number;
  readonly node: string;
  readonly seq: number;
  readonly heads: readonly (HeadFields | Event)[];
}

/** What is wrong with it; undefined where nothing is. */
function problemOf(line: Partial<Record<keyof FirstLine | 'bodies', unknown>>): string | undefined {
  const { v, partition, node, seq, heads, bodies } = line;
  if (v !== 2) return `v: expected 2, got ${String(v)}`;
  if (!isCount(partition, 0)) return 'partition: must be a whole number from 0';
  if (!isCount(seq, 1)) return 'seq: must be a whole number from 1';
  if (typeof node !== 'string') return 'node: must be a text';
  if (!Array.isArray(heads) || heads.length > ENVELOPE_MAX_EVENTS) {
    return `heads: must be those of at most ${ENVELOPE_MAX_EVENTS} events`;
  }
  const wrong = heads.findIndex((head) => !isHead(head));
  if (wrong >= 0) return `heads[${wrong}]: ${WHAT_IS_NEEDED}`;
  return Array.isArray(bodies) && bodies.length === 0 ? undefined : 'bodies: must begin in a line of their own';
}

function isCount(value: unknown, min: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min;
}

/**
 * What a connector has written, with the bodies of messages still as bytes. Throws ENVELOPE_INVALID for everything else, and says why; a body that is none
 * is found when it is read.
 */
export function readEnvelope(bytes: Buffer): Envelope {
  const lineEnd = bytes.indexOf(NEWLINE);
  const first = lineEnd < 0 ? bytes.toString() : bytes.toString('utf8', 0, lineEnd) + CLOSE;
  const { v, partition, node, seq, heads } = firstLine(first);
  const events = lineEnd < 0 && heads.length === 0 ? [] : withBodies(heads, bytes, lineEnd + 1);
  return { v, partition, node: nameOf(node), seq, events };
}

function firstLine(text: string): FirstLine {
  const line = json(text);
  const problem = typeof line === 'object' && line !== null ? problemOf(line) : 'its first line is no JSON object';
  if (problem !== undefined) throw new RookeryError('ENVELOPE_INVALID', `not an envelope: ${problem}`);
  return line as FirstLine;
}

function nameOf(node: string): NodeId {
  try {
    return nodeId(node);
  } catch (thrown) {
    throw new RookeryError('ENVELOPE_INVALID', `not an envelope: node: ${toError(thrown).message}`);
  }
}

/** `from`: where the first body begins. */
function withBodies(heads: readonly (HeadFields | Event)[], bytes: Buffer, from: number): EnvelopeEvent[] {
  let at = from;
  const last = heads.length - 1;
  const events = heads.map((head, index): EnvelopeEvent => {
    const lineEnd = bytes.indexOf(NEWLINE, at);
    const end = index === last ? lineEnd : lineEnd - 1;
    if (lineEnd < 0 || (end < lineEnd && bytes[end] !== COMMA)) throw unlike(heads.length);
    const begin = at;
    at = lineEnd + 1;
    return isFields(head) ? new FoldedMessage(head, bytes, begin, end) : head;
  });
  if (bytes.toString('latin1', last < 0 ? at + 1 : at) !== CLOSE) throw unlike(heads.length);
  return events;
}

const isFields = (head: HeadFields | Event): head is HeadFields => Array.isArray(head);

function unlike(heads: number): RookeryError {
  return new RookeryError('ENVELOPE_INVALID', `not an envelope: not one line for the body of each of ${heads} events`);
}

/** Undefined where it is none, which is no envelope either. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
