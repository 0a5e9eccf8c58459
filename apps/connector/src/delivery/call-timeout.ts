import { MINUTE, SECOND } from '@rookery/protocol';
import { eachText } from './texts';

/**
 * How long we wait for NapCat's reply. NapCat itself gives a send 10 s plus its size at 256 KiB/s; giving up earlier would turn
 * sends that succeed into unknown outcomes, so ours is longer: 20 s plus the size at 128 KiB/s.
 */
const BASE_MS = 20 * SECOND;
const BYTES_PER_MS = 128 * 1.024;
/** NapCat fetches a URL before its own limit begins to run, and its size is not known here. */
const FETCH_MS = 60 * SECOND;
const FETCHED = /^https?:/i;
const FILE_KEYS: ReadonlySet<string> = new Set(['file', 'url', 'path', 'thumb']);
/** NapCat waits no longer either. */
const MAX_MS = 30 * MINUTE;

/**
 * Milliseconds. The parameter `timeout` of a send sets NapCat's own limit, in milliseconds: we wait longer than that.
 * `mediaBytes`: what was uploaded for the action and is not in its parameters any more.
 */
export function callTimeoutMs(params: Readonly<Record<string, unknown>>, mediaBytes: number): number {
  const { characters, fetches } = weigh(params);
  const bySize = Math.ceil((characters + mediaBytes) / BYTES_PER_MS);
  const wanted = params['timeout'];
  const napcats = typeof wanted === 'number' && wanted > 0 ? wanted : 0;
  return Math.min(MAX_MS, Math.max(BASE_MS + bySize, napcats + BASE_MS) + (fetches ? FETCH_MS : 0));
}

/**
 * Characters of all texts, which are what can be large, and whether a file is named that NapCat has to fetch. To write megabytes of base64 as JSON only
 * to measure them would take milliseconds.
 */
function weigh(params: Readonly<Record<string, unknown>>): { readonly characters: number; readonly fetches: boolean } {
  let [characters, fetches] = [0, false];
  eachText(params, (text, key) => {
    characters += text.length;
    fetches ||= FILE_KEYS.has(key) && FETCHED.test(text);
  });
  return { characters, fetches };
}
