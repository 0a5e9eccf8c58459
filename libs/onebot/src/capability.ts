import type { AccountImplementation } from '@rookery/protocol';
import type { CallEnd } from './calls';
import type { EventFrame } from './frame';
import { printable } from './printable';
import { isFields } from './values';

/** The read-only actions whose ends {@link capabilitiesOf} reads. */
export const PROBES = { version: 'get_version_info', packet: 'nc_get_packet_status' } as const;

/** What the answers to the {@link PROBES} say; undefined when the first one says nothing. */
export function implementationOf(probes: { version: CallEnd; packet: CallEnd }): AccountImplementation | undefined {
  const { version: end, packet } = probes;
  const data = end.kind === 'replied' && end.reply.status === 'ok' ? end.reply.data : undefined;
  if (!isFields(data) || typeof data['app_name'] !== 'string') return undefined;
  const app = data['app_name'];
  const number = typeof data['app_version'] === 'string' ? ` ${data['app_version']}` : '';
  const packetBackend = packetBackendOf(packet);
  return {
    name: named(app),
    version: printable(app + number, 64),
    ...(packetBackend !== undefined && { packetBackend }),
  };
}

/** The form of messages is not asked for but seen, in the first message that comes. */
export function messageFormatOf(frame: EventFrame): AccountImplementation['format'] {
  const { message } = frame;
  if (Array.isArray(message)) return 'array';
  return typeof message === 'string' ? 'string' : undefined;
}

function named(name: string): AccountImplementation['name'] {
  if (/napcat/i.test(name)) return 'napcat';
  if (/ll(?:bot|onebot|twobot)/i.test(name)) return 'llbot';
  return /go-?cqhttp/i.test(name) ? 'go-cqhttp' : 'other';
}

/** NapCat: ok, or 1400 (200 and 400 over HTTP). Others do not know the action: they have no such backend. */
function packetBackendOf(end: CallEnd): boolean | undefined {
  if (end.kind !== 'replied') return undefined;
  const { status, retcode, message } = end.reply;
  if (status === 'ok') return true;
  return retcode === 1400 || retcode === 1404 || retcode === 404 || /packetBackend/i.test(message) ? false : undefined;
}
