/**
 * A message is an array of segments (OneBot 11, "message/array"). Rookery never sends the string form: a CQ string can
 * freeze NapCat's parser, and text inside it could turn into a segment.
 */
export interface Segment {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface TextSegment extends Segment {
  readonly type: 'text';
  readonly data: { readonly text: string };
}

export interface AtSegment extends Segment {
  readonly type: 'at';
  /** `qq` is a QQ number or `all`. */
  readonly data: { readonly qq: string };
}

export interface ReplySegment extends Segment {
  readonly type: 'reply';
  /** `seq` (= `real_seq`) works from every account in the group; `id` only from the account that knows it. */
  readonly data: { readonly id?: string; readonly seq?: string };
}

export function isText(segment: Segment): segment is TextSegment {
  return segment.type === 'text' && typeof segment.data['text'] === 'string';
}

/** The text of a message without its other segments, as matching and logging see it. */
export function plainText(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) if (isText(segment)) text += segment.data.text;
  return text;
}

/** What callers may pass where a message is wanted. A string is always plain text, never CQ code. */
export type MessageLike = string | Segment | readonly (string | Segment)[];

export function toSegments(message: MessageLike): Segment[] {
  const parts: readonly (string | Segment)[] = typeof message === 'string' || 'type' in message ? [message] : message;
  return parts.map((part) => (typeof part === 'string' ? { type: 'text', data: { text: part } } : part));
}
