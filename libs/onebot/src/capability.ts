import type { CallEnd } from './calls';
import type { EventFrame } from './frame';
import { printable } from './printable';
import { isFields } from './values';

type Implementation = 'napcat' | 'llbot' | 'go-cqhttp' | 'other';

/** What an account's implementation is and can do; undefined is what could not be found out. */
export interface Capabilities {
  readonly implementation: Implementation | undefined;
  /** For people, as it names itself: "NapCat.Onebot 4.18.19". */
  readonly version: string | undefined;
  /** Pokes, titles, file addresses and forged forwards need it; it can also die while running. */
  readonly packetBackend: boolean | undefined;
  readonly messageFormat: 'array' | 'string' | undefined;
}

/** The read-only actions whose ends {@link capabilitiesOf} reads. */
export const PROBES = { version: 'get_version_info', packet: 'nc_get_packet_status' } as const;

/** What the answers to the {@link PROBES} say. A probe that failed leaves its part undefined. */
export function capabilitiesOf(probes: { version: CallEnd; packet: CallEnd }): Capabilities {
  return {
    ...implementationOf(probes.version),
    packetBackend: packetBackendOf(probes.packet),
    messageFormat: undefined,
  };
}

/** The form of messages is not asked for but seen, in the first message that comes. */
export function messageFormatOf(frame: EventFrame): Capabilities['messageFormat'] {
  const { message } = frame;
  if (Array.isArray(message)) return 'array';
  return typeof message === 'string' ? 'string' : undefined;
}

function implementationOf(end: CallEnd): Pick<Capabilities, 'implementation' | 'version'> {
  const data = end.kind === 'replied' && end.reply.status === 'ok' ? end.reply.data : undefined;
  if (!isFields(data) || typeof data['app_name'] !== 'string') return { implementation: undefined, version: undefined };
  const name = data['app_name'];
  const number = typeof data['app_version'] === 'string' ? ` ${data['app_version']}` : '';
  return { implementation: named(name), version: printable(name + number, 64) };
}

function named(name: string): Implementation {
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
