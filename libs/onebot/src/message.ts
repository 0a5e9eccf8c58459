import { canonicalSegment, isText, MATCHED_TEXT_MAX, parseCq, type Segment } from '@rookery/protocol';

/**
 * Segments of a message in string or array form; undefined when it is neither. Malformed segments are dropped, unknown ones
 * are kept as they came. Ids inside the segments we know become text.
 */
export function normalizeMessage(message: unknown): Segment[] | undefined {
  if (typeof message === 'string') return parseCq(message);
  if (!Array.isArray(message)) return undefined;
  const segments: Segment[] = [];
  for (const item of message as unknown[]) {
    const segment = canonicalSegment(item);
    if (segment !== undefined) segments.push(segment);
  }
  return segments;
}

/** The text of a message for matching, cut between characters at {@link MATCHED_TEXT_MAX}. */
export function matchedText(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (!isText(segment)) continue;
    text += segment.data.text;
    if (text.length > MATCHED_TEXT_MAX) break;
  }
  if (text.length <= MATCHED_TEXT_MAX) return text;
  const last = text.charCodeAt(MATCHED_TEXT_MAX - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? MATCHED_TEXT_MAX - 1 : MATCHED_TEXT_MAX);
}
