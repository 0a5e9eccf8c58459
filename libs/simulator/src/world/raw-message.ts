import type { Segment } from '@rookery/protocol';

const escapeText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('[', '&#91;').replaceAll(']', '&#93;');
const escapeValue = (text: string) => escapeText(text).replaceAll(',', '&#44;');

function written(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `raw_message` as NapCat writes it: empty values left out, objects as JSON, the whole trimmed. */
export function rawMessage(segments: readonly Segment[]): string {
  let raw = '';
  for (const { type, data } of segments) {
    if (type === 'text') {
      raw += escapeText(written(data['text']));
      continue;
    }
    raw += `[CQ:${type}`;
    for (const [key, value] of Object.entries(data)) {
      const text = written(value);
      if (text !== '') raw += `,${key}=${escapeValue(text)}`;
    }
    raw += ']';
  }
  return raw.trim();
}

// NapCat's grammar: type and keys hold word characters only, a value runs to the next comma or bracket.
const CODE = /\[CQ:(\w+)((?:,\w+=[^,\]]*)*)\]/g;
const unescaped = (text: string) =>
  text.replaceAll('&#44;', ',').replaceAll('&#91;', '[').replaceAll('&#93;', ']').replaceAll('&amp;', '&');

/** A message that was sent as a CQ string. NapCat unescapes `&#44;` in plain text too. */
export function parseRaw(raw: string): Segment[] {
  const segments: Segment[] = [];
  const addText = (text: string) => {
    if (text !== '') segments.push({ type: 'text', data: { text: unescaped(text) } });
  };
  let end = 0;
  for (const match of raw.matchAll(CODE)) {
    addText(raw.slice(end, match.index));
    const data: Record<string, string> = {};
    for (const pair of (match[2] ?? '').split(',').slice(1)) {
      const equals = pair.indexOf('=');
      data[pair.slice(0, equals)] = unescaped(pair.slice(equals + 1));
    }
    segments.push({ type: match[1] ?? '', data });
    end = match.index + match[0].length;
  }
  addText(raw.slice(end));
  return segments;
}
