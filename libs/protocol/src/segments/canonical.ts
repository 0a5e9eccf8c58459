import type { Segment } from '../segment';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One segment in the form that the rest of Rookery relies on, or undefined when it is malformed. */
export function canonicalSegment(item: unknown): Segment | undefined {
  if (!isFields(item)) return undefined;
  const type = item['type'];
  const data = item['data'] ?? {};
  if (typeof type !== 'string' || type === '' || !isFields(data)) return undefined;
  switch (type) {
    case 'text':
      return typeof data['text'] === 'string' ? { type, data } : undefined;
    case 'at':
      return canonicalAt(data);
    case 'reply':
      return canonicalReply(data);
    case 'face':
    case 'forward': {
      const id = scalarText(data['id']);
      return id === undefined || id === data['id'] ? { type, data } : { type, data: { ...data, id } };
    }
    default:
      return { type, data };
  }
}

/** The seed dialect says `id` where the standard says `qq`. */
function canonicalAt(data: Fields): Segment | undefined {
  const qq = scalarText(data['qq']) ?? scalarText(data['id']);
  if (qq === undefined || qq === '') return undefined;
  if (qq === data['qq']) return { type: 'at', data };
  const { id: _dialect, ...rest } = data;
  return { type: 'at', data: { ...rest, qq } };
}

function canonicalReply(data: Fields): Segment | undefined {
  const id = scalarText(data['id']);
  const seq = scalarText(data['seq']);
  if (id === undefined && seq === undefined) return undefined;
  if (id === data['id'] && seq === data['seq']) return { type: 'reply', data };
  return { type: 'reply', data: { ...data, ...(id !== undefined && { id }), ...(seq !== undefined && { seq }) } };
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}
