import type { Segment } from '../segment';
import { canonicalSegment } from './canonical';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '[': '&#91;', ']': '&#93;', ',': '&#44;' };
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&#91;': '[', '&#93;': ']', '&#44;': ',' };

/**
 * Parses a CQ string (OneBot 11 "message/string", as NapCat reads it) in linear time: what is no well-formed code stays
 * text. Mentions of the form `[CQ:at,id=…]` are understood as `qq=…`. Values stay text.
 */
export function parseCq(text: string): Segment[] {
  const segments: Segment[] = [];
  let plainFrom = 0;
  let at = text.indexOf('[CQ:');
  while (at !== -1) {
    const code = readCode(text, at);
    if (code.segment === undefined) {
      // No start before the stop can end better: between commas it would read the same keys and stop at the same place.
      at = text.indexOf('[CQ:', code.end);
      continue;
    }
    pushText(segments, text.slice(plainFrom, at));
    const segment = canonicalSegment(code.segment);
    if (segment !== undefined) segments.push(segment);
    plainFrom = code.end;
    at = text.indexOf('[CQ:', code.end);
  }
  pushText(segments, text.slice(plainFrom));
  return segments;
}

/**
 * Writes segments as a CQ string. Objects are written as JSON. Left out, since the grammar has no place for them: types and
 * keys with other characters than [A-Za-z0-9_], and values that are null or undefined.
 */
export function writeCq(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (segment.type === 'text') {
      text += escapeText(valueText(segment.data['text']) ?? '');
    } else if (isWord(segment.type)) {
      text += `[CQ:${segment.type}`;
      for (const [key, value] of Object.entries(segment.data)) {
        const written = valueText(value);
        if (written !== undefined && isWord(key)) text += `,${key}=${escapeValue(written)}`;
      }
      text += ']';
    }
  }
  return text;
}

/** A code that starts at `start`, with the index behind it; without a segment, `end` is where its grammar broke. */
function readCode(text: string, start: number): { segment?: Segment; end: number } {
  let end = endOfWord(text, start + 4);
  const type = text.slice(start + 4, end);
  if (type === '') return { end };
  const data: Record<string, string> = {};
  while (text[end] === ',') {
    const keyEnd = endOfWord(text, end + 1);
    if (keyEnd === end + 1 || text[keyEnd] !== '=') return { end: keyEnd };
    const valueEnd = endOfValue(text, keyEnd + 1);
    const key = text.slice(end + 1, keyEnd);
    if (key !== '__proto__') data[key] = unescapeCq(text.slice(keyEnd + 1, valueEnd));
    end = valueEnd;
  }
  return text[end] === ']' ? { segment: { type, data }, end: end + 1 } : { end };
}

function endOfWord(text: string, from: number): number {
  let i = from;
  while (i < text.length && isWordCode(text.charCodeAt(i))) i += 1;
  return i;
}

function endOfValue(text: string, from: number): number {
  let i = from;
  while (i < text.length && text[i] !== ',' && text[i] !== ']') i += 1;
  return i;
}

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95;
}

function isWord(text: string): boolean {
  return text !== '' && endOfWord(text, 0) === text.length;
}

function pushText(segments: Segment[], escaped: string): void {
  if (escaped !== '') segments.push({ type: 'text', data: { text: unescapeCq(escaped) } });
}

function valueText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return undefined;
  return JSON.stringify(value);
}

function escapeText(text: string): string {
  return text.replace(/[&[\]]/g, (character) => ESCAPES[character] ?? character);
}

function escapeValue(text: string): string {
  return text.replace(/[&[\],]/g, (character) => ESCAPES[character] ?? character);
}

/** All four entities in one pass, in text too: NapCat writes and reads them alike. */
function unescapeCq(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:amp|#91|#93|#44);/g, (entity) => ENTITIES[entity] ?? entity);
}
