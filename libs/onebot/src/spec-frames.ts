import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { poolName, selfId, type Event } from '@rookery/protocol';
import type { Reader } from './context';
import { decodeFrame } from './frame';
import { normalizeEvent, type Normalized } from './normalize';
import { Ordinals } from './ordinals';

/** For specs only: frames of the fact table, and the way from a frame to its event. */
export interface FixtureEvent {
  id: string;
  post_type: string;
  detail_type: string;
  example: Record<string, unknown>;
}
export const EVENTS = fixture('events.json') as FixtureEvent[];

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(__dirname, '../../../test/fixtures/protocol', name), 'utf8'));
}

export const SELF = selfId('3889000001');
export const ARRIVED = 1_786_700_100_123;

function reader(over: Partial<Reader> = {}): Reader {
  const ordinals = new Ordinals();
  return { self: SELF, pool: poolName('night'), receivedAt: ARRIVED, ordinal: (key) => ordinals.next(key), ...over };
}

export function normalize(frame: Record<string, unknown> | string, over: Partial<Reader> = {}): Normalized {
  const decoded = decodeFrame(typeof frame === 'string' ? frame : JSON.stringify(frame));
  if (decoded.kind !== 'event') throw new Error(`not an event frame: ${JSON.stringify(decoded)}`);
  return normalizeEvent(decoded.frame, reader(over));
}

export function event(frame: Record<string, unknown> | string, over: Partial<Reader> = {}): Event {
  const normalized = normalize(frame, over);
  if (!normalized.ok) throw new Error(`${normalized.reason}: ${normalized.detail}`);
  return normalized.event;
}

export function example(id: string): Record<string, unknown> {
  const entry = EVENTS.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Error(`events.json has no ${id}`);
  return entry.example;
}
