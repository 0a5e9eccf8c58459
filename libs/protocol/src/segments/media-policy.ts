import { RookeryError } from '../errors';

/**
 * What NapCat may be told to read. It takes any existing path on its machine for a file to send, follows redirects, and
 * stalls for about 0.2 s per MiB of base64, so everything is refused that is not allowed here.
 */
export interface MediaPolicy {
  /** The folder whose files may be sent by their path. Default: none. */
  readonly folder?: SharedFolder;
  /** Hosts, in lower case, that may be named although they are private or local, for example a media server beside NapCat. */
  readonly hosts: readonly string[];
  /** Longest base64 text, in characters. */
  readonly maxBase64: number;
}

/** A folder that plugins and NapCat both see, under names of their own. */
export interface SharedFolder {
  /** Its absolute path here. */
  readonly ours: string;
  /** The same folder as NapCat sees it. */
  readonly napcat: string;
  /** Where a path leads when all links are followed; undefined when nothing is there. */
  readonly realPath: (path: string) => string | undefined;
}

export const DEFAULT_MEDIA_POLICY: MediaPolicy = { hosts: [], maxBase64: 1024 * 1024 };

/** A received picture or file is named by its hash; such a handle is no path. */
const HANDLE =
  /^(?:[0-9A-Fa-f]{32}(?:\.[A-Za-z0-9]{1,8})?|\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?(?:\.[A-Za-z0-9]{1,8})?)$/;

/**
 * The reference as NapCat is to read it, when the policy allows it; throws ACTION_INVALID otherwise. Nothing is fetched and no
 * name is resolved here: where a public address redirects to, and what its name stands for, NapCat alone decides.
 */
export function checkMedia(reference: string, policy: MediaPolicy): string {
  if (reference === '') throw refused('the file is empty; give a URL, base64 or the handle of a received file');
  if (reference.startsWith('base64://')) {
    if (reference.length - 9 > policy.maxBase64) {
      throw refused(
        `base64 of ${reference.length - 9} characters; above ${policy.maxBase64} use a URL or a shared folder`,
      );
    }
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(reference.slice(9))) throw refused('what follows base64:// is no base64');
    return reference;
  }
  if (/^https?:/i.test(reference)) return checkUrl(reference, policy);
  if (/^file:/i.test(reference)) return sharedPath(filePath(reference), policy);
  if (HANDLE.test(reference)) return reference;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(reference);
  if (scheme !== null)
    throw refused(`the scheme ${scheme[1] ?? ''}: is not allowed; use https, base64 or a shared folder`);
  return sharedPath(reference, policy);
}

function checkUrl(reference: string, policy: MediaPolicy): string {
  let url: URL;
  try {
    url = new URL(reference);
  } catch {
    throw refused('the URL cannot be read');
  }
  if (url.username !== '' || url.password !== '') throw refused('a URL with credentials ends up in logs');
  if (!policy.hosts.includes(url.hostname.replace(/^\[|\]$/g, '')) && isPrivateHost(url.hostname)) {
    throw refused(`the host ${url.hostname} is not public; add it to media.allowHosts if NapCat shall reach it`);
  }
  return reference;
}

/** The URL parser has already turned 0x7f000001, 2130706433 and 127.1 into dotted form. */
function isPrivateHost(host: string): boolean {
  if (host.startsWith('[')) return isPrivateIpv6(host.slice(1, -1));
  const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)?.slice(1).map(Number);
  if (octets !== undefined) return isPrivateIpv4(octets);
  return !host.includes('.') || /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)\.?$/i.test(host);
}

function isPrivateIpv4(octets: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = octets;
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100) return b >= 64 && b <= 127;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b <= 31;
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2));
  return a === 198 && (b === 18 || b === 19);
}

/** Global unicast is 2000::/3. Mapped and translated IPv4 addresses (2002::, 64:ff9b::) could lead anywhere inside. */
function isPrivateIpv6(address: string): boolean {
  return !/^[23][0-9a-f]{3}:/.test(address) || address.startsWith('2002:') || address.startsWith('2001:0:');
}

function filePath(reference: string): string {
  try {
    const url = new URL(reference);
    if (url.host !== '') throw refused('a file URL of another machine is not allowed');
    return decodeURIComponent(url.pathname);
  } catch (error) {
    if (error instanceof RookeryError) throw error;
    throw refused('the file URL cannot be read');
  }
}

/** The file's path for NapCat. Links are followed first: one that leads out of the folder would send any file of this machine. */
function sharedPath(path: string, { folder }: MediaPolicy): string {
  if (folder === undefined) {
    throw refused('a path is not allowed; use a URL, base64 or a file of a shared folder (media.sharedPath)');
  }
  const steps = path.split(/[\\/]/);
  const isPlain = !steps.includes('..') && !steps.includes('.') && !path.includes('\0');
  if (!isPlain || !path.startsWith(inside(folder.ours))) {
    throw refused(`only files inside ${folder.ours} may be sent by their path (media.sharedPath)`);
  }
  const home = folder.realPath(folder.ours);
  const file = folder.realPath(path);
  if (home === undefined) throw refused(`the shared folder ${folder.ours} (media.sharedPath) is not there`);
  if (file === undefined) throw refused('the file is not there; write it into the shared folder first');
  if (!file.startsWith(inside(home))) throw refused(`the path is a link that leads out of ${folder.ours}`);
  return inside(folder.napcat) + file.slice(inside(home).length);
}

function inside(folder: string): string {
  return folder.replace(/\/*$/, '/');
}

function refused(problem: string): RookeryError {
  return new RookeryError('ACTION_INVALID', problem);
}
