import type { MessageEvent, Scene, Sender } from '../event';
import { isText, type Segment } from '../segment';
import type { JsonBytes } from './json-bytes';

/**
 * A message as it travels: its head is what tells whether anybody wants it, its body is the rest. What nobody wants, which is nearly all, is
 * known by the head alone. Both are JSON arrays, since names of fields would be half of them.
 */

/** `role` is null where there is none. */
export type HeadFields = readonly [
  id: string,
  self: string,
  pool: string,
  conversation: string,
  receivedAt: number,
  scene: Scene,
  user: string,
  role: NonNullable<Sender['role']> | null,
  own: boolean,
  text: string,
];

/** Null stands for what is absent. */
export type BodyFields = readonly [
  time: number,
  subType: string,
  messageId: string | null,
  seq: string | null,
  nickname: string,
  card: string,
  title: string | null,
  segments: readonly FoldedSegment[],
  rare: Rare | null,
];

/** A text segment with nothing else in it is the number of UTF-16 units that it takes from the text of the head, where the one before left off. */
export type FoldedSegment = Segment | number;

/** What few messages have. */
export type Rare = Pick<MessageEvent, 'anonymous' | 'filled' | 'raw'>;

export function writeHead(json: JsonBytes, event: MessageEvent): void {
  const { id, self, pool, conversation, receivedAt, scene, sender, own, text } = event;
  json.raw('[');
  json.text(id);
  json.raw(',');
  json.text(self);
  json.raw(',');
  json.text(pool);
  json.raw(',');
  json.text(conversation);
  json.raw(',');
  json.number(receivedAt);
  json.raw(',');
  writeScene(json, scene);
  json.raw(',');
  json.text(sender.userId);
  json.raw(',');
  json.textOrNull(sender.role);
  json.raw(own ? ',true,' : ',false,');
  json.text(text);
  json.raw(']');
}

export function writeBody(json: JsonBytes, event: MessageEvent): void {
  const { time, subType, messageId, seq, sender } = event;
  json.raw('[');
  json.number(time);
  json.raw(',');
  json.text(subType);
  json.raw(',');
  json.textOrNull(messageId);
  json.raw(',');
  json.textOrNull(seq);
  json.raw(',');
  json.text(sender.nickname);
  json.raw(',');
  json.text(sender.card);
  json.raw(',');
  json.textOrNull(sender.title);
  json.raw(',[');
  writeSegments(json, event);
  json.raw('],');
  writeRare(json, event);
  json.raw(']');
}

function writeScene(json: JsonBytes, scene: Scene): void {
  if (scene.kind !== 'group') return json.value(scene);
  json.raw('{"kind":"group","groupId":');
  json.text(scene.groupId);
  if (scene.groupName !== undefined) {
    json.raw(',"groupName":');
    json.text(scene.groupName);
  }
  json.raw('}');
}

function writeSegments(json: JsonBytes, { segments, text }: MessageEvent): void {
  let at = 0;
  let isFirst = true;
  for (const segment of segments) {
    if (!isFirst) json.raw(',');
    isFirst = false;
    const said = isText(segment) ? segment.data.text : undefined;
    if (said !== undefined && text.startsWith(said, at) && isOnlyText(segment)) {
      json.raw(String(said.length));
      at += said.length;
    } else json.value(segment);
  }
}

function writeRare(json: JsonBytes, { anonymous, filled, raw }: MessageEvent): void {
  if (anonymous === undefined && filled === undefined && raw === undefined) json.raw('null');
  else json.value({ anonymous, filled, raw });
}

function isOnlyText({ data }: Segment): boolean {
  for (const key in data) if (key !== 'text') return false;
  return true;
}

/** Segments as they were before they were written; undefined where more is taken from the text than there is. */
export function unfoldSegments(segments: readonly FoldedSegment[], text: string): Segment[] | undefined {
  let at = 0;
  const whole = segments.map((segment): Segment => {
    if (typeof segment !== 'number') return segment;
    const from = at;
    at += segment;
    return { type: 'text', data: { text: text.slice(from, at) } };
  });
  return at <= text.length ? whole : undefined;
}
