/**
 * The way a file takes to NapCat. Base64 inside a frame stalls NapCat for about 0.2 s per MiB (its JSON5 parser blocks the
 * event loop: no events, no heartbeats meanwhile) and closes the socket above 50 MiB, so it is only for what is small.
 */

/** What is to be sent. Sizes in bytes. */
export type MediaContent =
  | { readonly kind: 'url'; readonly url: string }
  /** A file on our machine. */
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'bytes'; readonly size: number };

/** What is known of the account's NapCat. */
export interface MediaReach {
  /** Folders that both see: `ours` on our machine is `theirs` on NapCat's. */
  readonly shared: readonly { readonly ours: string; readonly theirs: string }[];
  /** Whether NapCat can fetch the address by itself. */
  canFetch(url: string): boolean;
  /** Whether it has upload_file_stream (NapCat since 4.8.115). */
  readonly streams: boolean;
}

export type MediaRoute =
  /** Name it in the segment; NapCat reads it. */
  | { readonly way: 'reference'; readonly file: string }
  /** Fetch it here first, then ask again with its bytes. */
  | { readonly way: 'fetch'; readonly url: string }
  | { readonly way: 'base64' }
  | { readonly way: 'upload' }
  | { readonly way: 'refused'; readonly reason: string };

/** Up to here base64 costs NapCat less (some 70 ms) than the round trips of an upload. */
export const INLINE_MAX = 256 * 1024;
/** Without streams there is no other way; 27 MiB of base64 stall NapCat for about 5 s and fit its frame. */
const INLINE_FORCED_MAX = 20 * 1024 * 1024;

export function routeOf(content: MediaContent, reach: MediaReach): MediaRoute {
  switch (content.kind) {
    case 'url':
      return reach.canFetch(content.url) ? { way: 'reference', file: content.url } : { way: 'fetch', url: content.url };
    case 'file': {
      const theirs = sharedPath(content.path, reach);
      return theirs === undefined ? bySize(content.size, reach) : { way: 'reference', file: theirs };
    }
    case 'bytes':
      return bySize(content.size, reach);
  }
}

function bySize(size: number, reach: MediaReach): MediaRoute {
  if (size <= INLINE_MAX) return { way: 'base64' };
  if (reach.streams) return { way: 'upload' };
  if (size <= INLINE_FORCED_MAX) return { way: 'base64' };
  return {
    way: 'refused',
    reason: `${size} bytes are too many for one frame, and this implementation has no upload_file_stream; share a folder or use a URL`,
  };
}

/** The longest mapping wins, so that a folder inside a shared folder can be mapped elsewhere. */
function sharedPath(path: string, { shared }: MediaReach): string | undefined {
  if (path.split(/[\\/]/).includes('..')) return undefined;
  const mappings = shared
    .map(({ ours, theirs }) => ({ ours: ours.replace(/\/*$/, '/'), theirs: theirs.replace(/\/*$/, '/') }))
    .filter(({ ours }) => path.startsWith(ours))
    .sort((a, b) => b.ours.length - a.ours.length);
  const [best] = mappings;
  return best === undefined ? undefined : best.theirs + path.slice(best.ours.length);
}
