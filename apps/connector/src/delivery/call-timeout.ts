import { MINUTE, SECOND } from '@rookery/protocol';

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
/** Forwards inside forwards are less deep. */
const DEPTH_MAX = 16;
/** NapCat waits no longer either. */
const MAX_MS = 30 * MINUTE;

/**
 * Milliseconds. The parameter `timeout` of a send sets NapCat's own limit, in milliseconds: we wait longer than that.
 * `mediaBytes`: what was uploaded for the action and is not in its parameters any more.
 */
export function callTimeoutMs(params: Readonly<Record<string, unknown>>, mediaBytes: number): number {
  const { characters, fetches } = weigh(params, { characters: 0, fetches: false });
  const bySize = Math.ceil((characters + mediaBytes) / BYTES_PER_MS);
  const wanted = params['timeout'];
  const napcats = typeof wanted === 'number' && wanted > 0 ? wanted : 0;
  return Math.min(MAX_MS, Math.max(BASE_MS + bySize, napcats + BASE_MS) + (fetches ? FETCH_MS : 0));
}

interface Weight {
  characters: number;
  /** A file is named that NapCat has to fetch. */
  fetches: boolean;
}

/** Of all texts, which are what can be large; to write megabytes of base64 as JSON only to measure them would take milliseconds. */
function weigh(value: unknown, weight: Weight, depth = 0): Weight {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return weight;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') weigh(inner, weight, depth + 1);
    else {
      weight.characters += inner.length;
      weight.fetches ||= FILE_KEYS.has(key) && FETCHED.test(inner);
    }
  }
  return weight;
}
