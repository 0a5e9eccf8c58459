import { isDecimalId } from '../ids';
import type { Segment } from '../segment';
import { checkMedia, type MediaPolicy } from './media-policy';

/** Where a message will be said; `node` is inside a forward. */
export type Place = 'group' | 'private' | 'node';

export interface RuleContext {
  readonly place: Place;
  readonly media: MediaPolicy;
  readonly notes: string[];
  /** The content of a forward node, checked like a message. */
  nested(content: unknown): Segment[];
}

type Data = Readonly<Record<string, unknown>>;
/** The segment as it is sent. Throws an Error that completes "message[i] (type) …". */
type Rule = (data: Data, context: RuleContext) => Segment;

const MUSIC = ['qq', '163', 'kugou', 'migu', 'kuwo'];

const refuse = (explanation: string) => (): Segment => {
  throw new Error(explanation);
};
/** NapCat fails the whole message for a type it does not know. */
const unknownToNapCat = refuse('would make NapCat refuse the whole message; leave it out');

/** One rule for each of the segments there are: what NapCat would drop in silence or fail on is refused or converted. */
export const OUTGOING_RULES: Readonly<Record<string, Rule>> = {
  text: (data) => segment('text', { text: requiredText(data, 'text', true) }),
  at: mention,
  reply: (data) => {
    const seq = numeric(data['seq']);
    const id = numeric(data['id']);
    if (seq === undefined && id === undefined) throw new Error('needs the seq or the id of a message, as a number');
    return segment('reply', seq === undefined ? { id } : { seq });
  },
  face: (data) => {
    const id = numeric(data['id']);
    if (id === undefined) throw new Error('needs the number of a face as id');
    return segment('face', { ...data, id });
  },
  mface: (data) => {
    const key = requiredText(data, 'key');
    return segment('mface', {
      ...data,
      emoji_id: requiredText(data, 'emoji_id'),
      emoji_package_id: scalar(data, 'emoji_package_id'),
      key,
    });
  },
  image: (data, { media }) => segment('image', mediaData(data, media)),
  record: (data, { media }) => segment('record', mediaData(data, media)),
  video: (data, { media }) => segment('video', mediaData(data, media)),
  file: (data, { media }) => segment('file', mediaData(data, media)),
  json: (data) => {
    const card = data['data'];
    if (typeof card === 'object' && card !== null) return segment('json', { data: JSON.stringify(card) });
    return segment('json', { data: requiredText(data, 'data') });
  },
  markdown: (data, { place }) => {
    if (place !== 'node') throw new Error('is only shown inside forward nodes; send its text');
    return segment('markdown', { content: requiredText(data, 'content') });
  },
  dice: () => segment('dice', {}),
  rps: () => segment('rps', {}),
  music,
  contact: (data) => {
    const type = data['type'] ?? 'qq';
    const id = numeric(data['id']);
    if (type !== 'qq' && type !== 'group') throw new Error('type must be qq or group');
    if (id === undefined) throw new Error('needs the number of a person or group as id');
    return segment('contact', { type, id });
  },
  forward: (data) => segment('forward', { id: requiredText(data, 'id') }),
  node: (data, context) => {
    const { id, content, ...rest } = data;
    if (id !== undefined && content !== undefined) throw new Error('takes id or content, not both');
    if (content !== undefined) return segment('node', { ...rest, content: context.nested(content) });
    const quoted = numeric(id);
    if (quoted === undefined) throw new Error('needs content, or the id of a message');
    return segment('node', { id: quoted });
  },
  share: (data, { notes }) => {
    notes.push('share: NapCat refuses shares, so title and address are sent as text');
    const lines = [data['title'], data['content'], requiredText(data, 'url')];
    return segment('text', { text: lines.filter((line) => typeof line === 'string' && line !== '').join('\n') });
  },
  location: (data, { notes }) => {
    notes.push('location: NapCat ignores coordinates, so the place is sent as text');
    const place = [data['title'], data['content'], `${scalar(data, 'lat')}, ${scalar(data, 'lon')}`];
    return segment('text', { text: place.filter((line) => typeof line === 'string' && line !== '').join('\n') });
  },
  poke: refuse('is dropped by NapCat; call send_poke'),
  xml: refuse('is dropped by NapCat; send a json card'),
  miniapp: refuse('is dropped by NapCat; call get_mini_app_ark and send the result as json'),
  onlinefile: refuse('is dropped by NapCat; call send_online_file'),
  flashtransfer: refuse('is dropped by NapCat; call send_flash_msg'),
  shake: unknownToNapCat,
  anonymous: unknownToNapCat,
  redbag: unknownToNapCat,
  gift: unknownToNapCat,
  cardimage: refuse('would make NapCat refuse the whole message; send an image'),
  tts: refuse('would make NapCat refuse the whole message; call send_group_ai_record or send a record'),
};

/** Why a segment cannot be understood at all. */
export const MALFORMED: Readonly<Record<string, string>> = {
  text: 'needs text',
  at: 'needs the number of a person, or all, as qq',
  reply: 'needs the seq or the id of a message',
};

function mention(data: Data, { place, notes }: RuleContext): Segment {
  const qq = data['qq'];
  if (typeof qq !== 'string' || (qq !== 'all' && !isDecimalId(qq))) {
    throw new Error('needs the number of a person, or all, as qq');
  }
  if (place !== 'private') return segment('at', { qq });
  notes.push('at: mentions do not exist in private chats, so the name is sent as text');
  const name = data['name'];
  return segment('text', { text: `@${typeof name === 'string' && name !== '' ? name : qq}` });
}

function music(data: Data): Segment {
  const type = data['type'];
  if (type === 'custom') {
    const url = requiredText(data, 'url');
    return segment('music', { ...data, type, url, image: requiredText(data, 'image') });
  }
  if (typeof type !== 'string' || !MUSIC.includes(type))
    throw new Error(`type must be custom or one of ${MUSIC.join(', ')}`);
  return segment('music', { type, id: String(scalar(data, 'id')) });
}

/** NapCat reads `url`, then `file`, then `path`; a cover (`thumb`) is read too. */
function mediaData(data: Data, media: MediaPolicy): Data {
  const sources = ['url', 'file', 'path'].filter((key) => data[key] !== undefined && data[key] !== '');
  if (sources.length === 0) throw new Error('needs file');
  const checked: Record<string, string> = {};
  for (const key of [...sources, 'thumb']) {
    if (data[key] !== undefined) checked[key] = checkMedia(requiredText(data, key), media);
  }
  return { ...data, ...checked, file: checked['file'] ?? checked[sources[0] ?? 'file'] };
}

function segment(type: string, data: Data): Segment {
  return { type, data };
}

function requiredText(data: Data, key: string, mayBeEmpty = false): string {
  const value = data[key];
  if (typeof value !== 'string' || (value === '' && !mayBeEmpty)) throw new Error(`needs ${key} as text`);
  return value;
}

function scalar(data: Data, key: string): string | number {
  const value = data[key];
  if ((typeof value === 'string' && value !== '') || (typeof value === 'number' && Number.isFinite(value)))
    return value;
  throw new Error(`needs ${key}`);
}

/** Decimal text of a message id or sequence; go-cqhttp has negative message ids. */
function numeric(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^-?[0-9]{1,20}$/.test(text) ? text : undefined;
}
