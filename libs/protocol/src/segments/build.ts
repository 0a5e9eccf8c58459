import type { MessageLike, Segment } from '../segment';
import { parseCq } from './cq';

/**
 * Builders of segments. They only build: a message is checked as a whole before it is sent. Bytes become base64, which
 * stalls NapCat for about 0.2 s per MiB; large files go by URL, shared folder or upload.
 */

/** A URL, `base64://` text, the handle of a received file, an allowed path, or the bytes themselves. */
export type MediaSource = string | Uint8Array;

export function text(content: string): Segment {
  return { type: 'text', data: { text: content } };
}

/** Mentions a person. `name` is what a private chat shows instead. */
export function at(qq: string | number, name?: string): Segment {
  return { type: 'at', data: { qq: String(qq), ...(name !== undefined && { name }) } };
}

/** Mentions everybody; QQ allows it to admins, a few times a day. */
export function atAll(): Segment {
  return { type: 'at', data: { qq: 'all' } };
}

/** Quotes a message: by `seq` from every account in the group, by `id` only from the account that knows it. */
export function reply(reference: { readonly seq: string | number } | { readonly id: string | number }): Segment {
  return 'seq' in reference
    ? { type: 'reply', data: { seq: String(reference.seq) } }
    : { type: 'reply', data: { id: String(reference.id) } };
}

export function face(id: string | number): Segment {
  return { type: 'face', data: { id: String(id) } };
}

/** A sticker of the shop; its three keys come with a received one. */
export function mface(sticker: {
  readonly packageId: string | number;
  readonly id: string;
  readonly key: string;
  readonly summary?: string;
}): Segment {
  const { packageId, id, key, summary } = sticker;
  const data = { emoji_package_id: packageId, emoji_id: id, key, ...(summary !== undefined && { summary }) };
  return { type: 'mface', data };
}

/** `subType` 1 shows it as a sticker. `summary` is what the chat list shows. */
export function image(
  source: MediaSource,
  options: { readonly summary?: string; readonly subType?: number; readonly name?: string } = {},
): Segment {
  const { subType, ...rest } = options;
  return {
    type: 'image',
    data: { file: reference(source), ...rest, ...(subType !== undefined && { sub_type: subType }) },
  };
}

/** A voice message. It holds nothing else. */
export function record(source: MediaSource): Segment {
  return { type: 'record', data: { file: reference(source) } };
}

/** Up to about 100 MB; larger ones are sent as files. */
export function video(
  source: MediaSource,
  options: { readonly cover?: MediaSource; readonly name?: string } = {},
): Segment {
  const { cover, ...rest } = options;
  return {
    type: 'video',
    data: { file: reference(source), ...rest, ...(cover !== undefined && { thumb: reference(cover) }) },
  };
}

export function file(source: MediaSource, name?: string): Segment {
  return { type: 'file', data: { file: reference(source), ...(name !== undefined && { name }) } };
}

/** A card. QQ refuses most cards without a signature. */
export function json(card: string | Readonly<Record<string, unknown>>): Segment {
  return { type: 'json', data: { data: typeof card === 'string' ? card : JSON.stringify(card) } };
}

/** Shown only inside forward nodes. */
export function markdown(content: string): Segment {
  return { type: 'markdown', data: { content } };
}

export function dice(): Segment {
  return { type: 'dice', data: {} };
}

export function rps(): Segment {
  return { type: 'rps', data: {} };
}

export function music(platform: 'qq' | '163' | 'kugou' | 'migu' | 'kuwo', id: string | number): Segment {
  return { type: 'music', data: { type: platform, id: String(id) } };
}

/** NapCat needs the image, although the standard does not. */
export function customMusic(card: {
  readonly url: string;
  readonly image: string;
  readonly audio?: string;
  readonly title?: string;
  readonly content?: string;
}): Segment {
  return { type: 'music', data: { type: 'custom', ...card } };
}

export function contact(type: 'qq' | 'group', id: string | number): Segment {
  return { type: 'contact', data: { type, id: String(id) } };
}

/** A link with a title. NapCat knows no shares: it is sent as text. */
export function share(url: string, title?: string, content?: string): Segment {
  return {
    type: 'share',
    data: { url, ...(title !== undefined && { title }), ...(content !== undefined && { content }) },
  };
}

/** A place. NapCat ignores coordinates: it is sent as text. */
export function location(lat: number, lon: number, title?: string): Segment {
  return { type: 'location', data: { lat, lon, ...(title !== undefined && { title }) } };
}

/** A forward that was built before, by its `res_id`; the id of a received one does not work here. */
export function forward(resId: string): Segment {
  return { type: 'forward', data: { id: resId } };
}

/** One message of a forward, said by anybody. Names and numbers are honoured with the packet backend only. */
export function node(
  author: { readonly userId: string | number; readonly nickname: string },
  content: MessageLike,
): Segment {
  return { type: 'node', data: { user_id: String(author.userId), nickname: author.nickname, content } };
}

/** One message of a forward, taken from a message that this account knows. */
export function nodeOf(messageId: string | number): Segment {
  return { type: 'node', data: { id: String(messageId) } };
}

/**
 * CQ code, parsed: the only way by which text becomes anything but text. Never pass what a user wrote.
 */
export function cq(code: string): Segment[] {
  return parseCq(code);
}

function reference(source: MediaSource): string {
  return typeof source === 'string' ? source : `base64://${Buffer.from(source).toString('base64')}`;
}
