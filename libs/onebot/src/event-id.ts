import { hash } from 'node:crypto';
import { eventId, type EventId, type MessageId, type MessageSeq, type Scene, type SelfId } from '@rookery/protocol';
import { isFields, type Fields } from './values';

/**
 * Ids derived from content, so that the same copy received twice (second connection, resend) has the same id. They hold
 * no colon and at most 200 printable characters, whatever the frame holds.
 */

/** Of a message that has a reference. The sequence wins: NapCat's message id is a 31-bit hash that does collide. */
export function messageEventId(
  self: SelfId,
  scene: Scene,
  reference: { seq: MessageSeq } | { id: MessageId },
): EventId {
  const told = 'seq' in reference ? `s${reference.seq}` : `i${safe(reference.id)}`;
  return eventId(`m.${self}.${place(scene)}.${told}`);
}

/** Of a request: QQ may deliver it several times, always with the same flag. */
export function requestEventId(self: SelfId, kind: string, user: string, flag: string): EventId {
  return eventId(`r.${self}.${kind}.${user}.${digest(flag)}`);
}

/**
 * Of everything else: its content, the second it happened in, and how often the same content was seen in that second,
 * since two equal pokes are two events.
 */
export function contentEventId(self: SelfId, frame: Fields, second: number, ordinal: (key: string) => number): EventId {
  const key = `${digest(canonical(frame))}.${second}`;
  return eventId(`c.${self}.${key}.${ordinal(key)}`);
}

function place(scene: Scene): string {
  switch (scene.kind) {
    case 'group':
      return `g${scene.groupId}`;
    case 'private':
      return `p${scene.userId}`;
    case 'guild':
      return `c${digest(JSON.stringify([scene.guildId, scene.channelId]))}`;
  }
}

/** 96 bits: enough that no two contents of one account and second meet by chance. */
function digest(text: string): string {
  return hash('sha1', text, 'base64url').slice(0, 16);
}

/** Message ids of other implementations are free text. */
function safe(text: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text) ? text : `~${digest(text)}`;
}

/** The frame without its time, keys sorted, so that the order in which an implementation writes them does not matter. */
function canonical(frame: Fields): string {
  return canonicalObject(frame, 'time');
}

/** By hand: JSON.stringify with a replacer takes three times as long. The depth of frames is bounded. */
function canonicalObject(fields: Fields, without?: string): string {
  let text = '{';
  for (const key of Object.keys(fields).sort()) {
    if (key !== without) text += `${JSON.stringify(key)}:${canonicalValue(fields[key])},`;
  }
  return `${text}}`;
}

function canonicalValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join()}]`;
  return isFields(value) ? canonicalObject(value) : (JSON.stringify(value) ?? 'null');
}
