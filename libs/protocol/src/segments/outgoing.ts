import { RookeryError } from '../errors';
import { toSegments, type MessageLike, type Segment } from '../segment';
import { canonicalSegment } from './canonical';
import { DEFAULT_MEDIA_POLICY, type MediaPolicy } from './media-policy';
import { MALFORMED, OUTGOING_RULES, type Place, type RuleContext } from './outgoing-rules';

export type { Place } from './outgoing-rules';

/**
 * Longest plain text of one message, in UTF-16 units: a bound against absurdity only. What QQ takes of it is for QQ to say, and
 * it refuses with an outcome.
 */
export const OUTGOING_TEXT_MAX = 256 * 1024;
/** Most segments of one message. */
export const OUTGOING_SEGMENTS_MAX = 500;
/** Forwards inside forwards, as deep as NapCat builds them. */
const NODE_DEPTH_MAX = 3;

export interface PreparedMessage {
  readonly segments: Segment[];
  /** What was converted and why. */
  readonly notes: readonly string[];
}

/**
 * A message in the form that is sent: segments only, the quote first. What NapCat would drop in silence or fail on is
 * converted, with a note, or refused: throws ACTION_INVALID that names the segment and what to do. Text is never parsed.
 */
export function prepareMessage(
  message: MessageLike,
  options: { readonly place: Place; readonly media?: MediaPolicy },
): PreparedMessage {
  const notes: string[] = [];
  const segments = prepare(message, options.place, options.media ?? DEFAULT_MEDIA_POLICY, notes, 0);
  return { segments, notes };
}

function prepare(message: MessageLike, place: Place, media: MediaPolicy, notes: string[], depth: number): Segment[] {
  const context: RuleContext = {
    place,
    media,
    notes,
    nested: (content) => {
      if (depth >= NODE_DEPTH_MAX) throw new Error(`is nested deeper than ${NODE_DEPTH_MAX} levels`);
      return prepare(content as MessageLike, 'node', media, notes, depth + 1);
    },
  };
  const parts = partsOf(message);
  if (parts.length > OUTGOING_SEGMENTS_MAX)
    throw refused(`a message of ${parts.length} segments; at most ${OUTGOING_SEGMENTS_MAX}`);
  const segments = parts
    .map((part, index) => rule(part, index, context))
    .filter((segment) => segment.data['text'] !== '');
  checkTogether(segments);
  return replyFirst(segments);
}

/** Content of nodes comes unchecked: what is no message becomes one malformed part, refused like any other. */
function partsOf(message: unknown): readonly unknown[] {
  if (typeof message === 'string' || Array.isArray(message)) return toSegments(message as MessageLike);
  return [message];
}

function rule(part: unknown, index: number, context: RuleContext): Segment {
  const type = typeOf(part);
  const apply = Object.hasOwn(OUTGOING_RULES, type) ? OUTGOING_RULES[type] : undefined;
  if (apply === undefined) {
    throw refused(
      `message[${index}] ${type === '' ? 'is no segment' : `(${type}) is a type that NapCat does not know`}`,
    );
  }
  const segment = canonicalSegment(part);
  try {
    if (segment === undefined) throw new Error(MALFORMED[type] ?? 'has no data');
    return wellFormed(apply(segment.data, context));
  } catch (error) {
    throw refused(`message[${index}] (${type}) ${error instanceof Error ? error.message : String(error)}`);
  }
}

function typeOf(part: unknown): string {
  const type = typeof part === 'object' && part !== null ? (part as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type : '';
}

/** A lone surrogate is no text: JSON would carry it as an escape that others choke on. */
function wellFormed(segment: Segment): Segment {
  const { text } = segment.data;
  if (segment.type !== 'text' || typeof text !== 'string' || !/\p{Cs}/u.test(text)) return segment;
  return { type: 'text', data: { text: text.replace(/\p{Cs}/gu, '\ufffd') } };
}

function checkTogether(segments: readonly Segment[]): void {
  let text = '';
  let [texts, replies, records, nodes] = [0, 0, 0, 0];
  for (const { type, data } of segments) {
    if (type === 'text') {
      texts += 1;
      text += String(data['text']);
    } else if (type === 'reply') replies += 1;
    else if (type === 'record') records += 1;
    else if (type === 'node') nodes += 1;
  }
  const says = text.trim() !== '';
  if (texts === segments.length && !says) throw refused('the message is empty; QQ takes none without content');
  if (text.length > OUTGOING_TEXT_MAX) {
    throw refused(
      `the text has ${text.length} characters; Rookery passes on at most ${OUTGOING_TEXT_MAX}, far more than QQ shows; send it in parts or as a file`,
    );
  }
  if (replies > 1) throw refused('a message can quote only one message');
  if (replies + texts === segments.length && !says) throw refused('the message is empty; a quote alone is no message');
  if (records > 0 && segments.length > 1) throw refused('a voice message holds nothing else; send it alone');
  if (nodes > 0 && nodes < segments.length) throw refused('nodes cannot be mixed with other segments');
}

function replyFirst(segments: Segment[]): Segment[] {
  const at = segments.findIndex(({ type }) => type === 'reply');
  return at <= 0 ? segments : [...segments.slice(at, at + 1), ...segments.slice(0, at), ...segments.slice(at + 1)];
}

function refused(problem: string): RookeryError {
  return new RookeryError('ACTION_INVALID', problem);
}
