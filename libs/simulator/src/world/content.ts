import { hash } from 'node:crypto';
import type { Segment } from '@rookery/protocol';
import { fingerprint } from '../random';

const MEDIA_HOST = 'https://multimedia.example.invalid/';
const text = (value: unknown) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const kept = (type: string, data: Record<string, unknown>): Segment => ({ type, data });

/**
 * The form in which others receive a segment that somebody sends. Media get a file name of their content's md5 and a URL at
 * QQ's store; cards arrive as json, stickers as images. Types that we do not know pass unchanged, so that a test can put
 * anything into a chat.
 */
export function asReceived({ type, data }: Segment): Segment {
  switch (type) {
    case 'text':
      return kept(type, { text: text(data['text']) });
    case 'at':
      return kept(type, { qq: text(data['qq']) });
    case 'face': {
      const id = text(data['id']);
      return kept(type, { id, raw: { faceIndex: Number(id), faceText: '/表情', faceType: 1 }, chainCount: 0 });
    }
    case 'image':
      return image(data, '.png');
    case 'mface':
      return kept('image', {
        ...image({ ...data, file: text(data['emoji_id']) }, '.gif').data,
        key: data['key'],
        emoji_id: data['emoji_id'],
        emoji_package_id: data['emoji_package_id'],
      });
    case 'record':
      return kept(type, { ...stored(data, '.amr'), path: `/root/.config/QQ/ptt/${digest(data)}.amr` });
    case 'video':
      return kept(type, stored(data, '.mp4'));
    case 'file': {
      const name = text(data['name']) || text(data['file']).split('/').at(-1) || 'file.bin';
      return kept(type, { file: name, file_id: digest(data).toLowerCase(), file_size: sizeOf(data) });
    }
    case 'dice':
      return kept(type, { result: String(1 + (fingerprint(digest(data)) % 6)) });
    case 'rps':
      return kept(type, { result: String(1 + (fingerprint(digest(data)) % 3)) });
    case 'json':
      return kept(type, { data: typeof data['data'] === 'string' ? data['data'] : JSON.stringify(data['data'] ?? {}) });
    case 'music':
    case 'contact':
    case 'location':
      return kept('json', { data: JSON.stringify({ app: `com.tencent.${type}`, meta: data }) });
    default:
      return { type, data };
  }
}

/** A received segment as one account sees it: media URLs carry a key of that account, so copies differ byte by byte. */
export function withMediaKey(segment: Segment, self: string): Segment {
  const url = segment.data['url'];
  if (typeof url !== 'string' || !url.startsWith(MEDIA_HOST)) return segment;
  return { type: segment.type, data: { ...segment.data, url: `${url}&rkey=CAQS${fingerprint(self).toString(36)}` } };
}

const digest = (data: Readonly<Record<string, unknown>>) => hash('md5', JSON.stringify(data)).toUpperCase();
const sizeOf = (data: Readonly<Record<string, unknown>>) =>
  String(10_000 + (fingerprint(JSON.stringify(data)) % 90_000));

function mediaUrl(fileId: string): string {
  return `${MEDIA_HOST}download?appid=1407&fileid=${fileId}`;
}

function image(data: Readonly<Record<string, unknown>>, extension: string): Segment {
  const file = digest(data);
  return kept('image', {
    summary: text(data['summary']),
    file: `${file}${extension}`,
    sub_type: Number(data['sub_type'] ?? 0),
    url: mediaUrl(file.slice(0, 12)),
    file_size: sizeOf(data),
  });
}

function stored(data: Readonly<Record<string, unknown>>, extension: string): Record<string, unknown> {
  const file = digest(data);
  return { file: `${file}${extension}`, url: mediaUrl(file.slice(0, 12)), file_size: sizeOf(data) };
}
