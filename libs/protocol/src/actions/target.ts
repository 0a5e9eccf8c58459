import { hash } from 'node:crypto';
import { groupId, isDecimalId, userId, type GroupId, type UserId } from '../ids';
import type { Segment } from '../segment';
import { canonicalSegment } from '../segments/canonical';
import { actionSpec } from './catalogue';

/** Where a message goes. */
export type MessageTarget =
  | { readonly kind: 'group'; readonly groupId: GroupId }
  | { readonly kind: 'private'; readonly userId: UserId };

type Params = Readonly<Record<string, unknown>>;

const PRIVATE = /_(?:private|friend)_/;

/**
 * The chat in which an action posts something; undefined for actions that post nothing, and for channels. As NapCat decides it: the
 * name or `message_type` first, then the group when one is named.
 */
export function targetOf(name: string, params: Params): MessageTarget | undefined {
  if (actionSpec(name)?.sends !== true) return undefined;
  const group = decimal(params['group_id']);
  const user = decimal(params['user_id']);
  const isPrivate = PRIVATE.test(name) || params['message_type'] === 'private';
  if (group !== undefined && !(isPrivate && user !== undefined)) return { kind: 'group', groupId: groupId(group) };
  return user === undefined ? undefined : { kind: 'private', userId: userId(user) };
}

/** `group:5` or `private:7`: a target as part of a key or a record. */
export function targetText(target: MessageTarget): string {
  return target.kind === 'group' ? `group:${target.groupId}` : `private:${target.userId}`;
}

/**
 * What a message says, as short text that is equal for the message that was sent and for the one that came out of it; undefined for
 * actions whose message cannot be told from their parameters. Quotes are left out, since NapCat drops those that it cannot find; files
 * count by their kind only, since QQ gives them other names.
 */
export function contentOf(params: Params): string | undefined {
  const message = params['message'] ?? params['messages'];
  if (!Array.isArray(message)) return undefined;
  return contentOfSegments((message as unknown[]).flatMap((item) => canonicalSegment(item) ?? []));
}

export function contentOfSegments(segments: readonly Segment[]): string {
  const isForward = segments.some(({ type }) => type === 'node');
  const text = isForward ? '[forward]' : segments.map(comparable).join('');
  return hash('sha256', text.normalize('NFC').replace(/\s+/g, ' ').trim(), 'base64url').slice(0, 22);
}

/** Types under which QQ delivers something else than was sent. */
const ARRIVES_AS: Readonly<Record<string, string>> = {
  mface: 'image',
  music: 'json',
  contact: 'json',
  location: 'json',
};
/** Taken by NapCat, and never seen again. */
const VANISHES: ReadonlySet<string> = new Set(['reply', 'xml', 'poke', 'miniapp', 'onlinefile', 'flashtransfer']);

function comparable({ type, data }: Segment): string {
  if (type === 'text') return typeof data['text'] === 'string' ? data['text'] : '';
  if (type === 'at') return `[at:${String(data['qq'])}]`;
  if (type === 'face') return `[face:${String(data['id'])}]`;
  return VANISHES.has(type) ? '' : `[${ARRIVES_AS[type] ?? type}]`;
}

function decimal(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '0' && isDecimalId(text) ? text : undefined;
}
