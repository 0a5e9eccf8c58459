import { classify, Download, upload, type CallEnd, type Classified, type Reply } from '@rookery/onebot';
import type { Action, ActionId, Clock, SelfId } from '@rookery/protocol';
import { callTimeoutMs } from './call-timeout';
import { eachText } from './texts';

/** The way to NapCat. `down`: there is no live connection and nothing was written. */
export interface Caller {
  call(
    self: SelfId,
    action: string,
    params: Readonly<Record<string, unknown>>,
    options: {
      timeoutMs: number;
      signal?: AbortSignal;
      onPart?: (part: Reply) => void;
      /** NapCat has read it, or nothing of it was or will be written. At least once; after the end only where that was the time limit. */
      onRead?: () => void;
      onLate?: (reply: Reply) => void;
    },
  ): Promise<CallEnd | Down>;
  /** Resolves when NapCat has read all that was written to it until now, or the account has no connection. */
  caughtUp(self: SelfId): Promise<void>;
}
interface Down {
  readonly kind: 'down';
}

/** How far the file of an action is on its way. */
export interface MediaProgress {
  readonly self: SelfId;
  readonly action: ActionId;
  readonly direction: 'up' | 'down';
  /** Bytes that came with this step. */
  readonly bytes: number;
  readonly doneBytes: number;
  /** Undefined while NapCat has not announced it. */
  readonly totalBytes: number | undefined;
}

/** What an action became once its files are where NapCat can read them. */
export type Readied =
  | { readonly kind: 'ready'; readonly params: Readonly<Record<string, unknown>>; readonly mediaBytes: number }
  | { readonly kind: 'failed'; readonly end: Classified }
  | Down;

/**
 * Most bytes of a download that become a result. Results travel through Redis and stay in the claim's record; larger files
 * are fetched by their URL.
 */
const DOWNLOAD_MAX = 1024 * 1024;
const DOWNLOADS: ReadonlySet<string> = new Set([
  'download_file_stream',
  'download_file_image_stream',
  'download_file_record_stream',
]);
/** Where a segment or an action names a file. Text is never looked into. */
const FILE_KEYS: ReadonlySet<string> = new Set(['file', 'url', 'path', 'thumb', 'image']);
const BASE64 = 'base64://';
/** Up to here base64 costs NapCat less (some 70 ms in which it does nothing else) than the round trips of an upload. */
const INLINE_MAX = 256 * 1024;

interface Inline {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly content: Buffer;
}

/**
 * The files of one account's actions, both ways: what is large and inside an action is uploaded in chunks before it, since
 * base64 in a frame stalls NapCat for about 0.2 s per MiB; what a download_*_stream answers in many frames becomes one result.
 */
export class Media {
  #uploads = 0;

  constructor(
    private readonly caller: Pick<Caller, 'call'>,
    private readonly clock: Clock,
    private readonly onProgress: (progress: MediaProgress) => void,
  ) {}

  /** Uploads what must not travel inside the frame. When that fails, nothing of the action was sent. */
  async ready(action: Action): Promise<Readied> {
    if (!mayHoldMedia(action.params)) return { kind: 'ready', params: action.params, mediaBytes: 0 };
    const params = structuredClone(action.params) as Record<string, unknown>;
    let mediaBytes = 0;
    let streams = true;
    for (const { holder, key, content } of inlineFiles(params)) {
      mediaBytes += content.length;
      if (!streams || content.length <= INLINE_MAX) continue;
      const uploaded = await this.#upload(action, content);
      if (uploaded.kind === 'down') return uploaded;
      if (uploaded.kind === 'failed') return uploaded;
      if (uploaded.kind === 'file') holder[key] = uploaded.file;
      // Implementations without streams get what is left as base64: the parameters of an action are small enough for that.
      else streams = false;
    }
    return { kind: 'ready', params, mediaBytes };
  }

  /**
   * One call of NapCat. A download is one too, whatever the number of its frames. `onLate`: what a reply said that came after the
   * time limit. `onRead`: as in {@link Caller.call}.
   */
  async call(
    action: Action,
    { params, mediaBytes }: { readonly params: Action['params']; readonly mediaBytes: number },
    told: { readonly onLate: (end: Classified) => void; readonly onRead?: () => void },
  ): Promise<Classified | Down> {
    const { self, name } = action;
    const timeoutMs = callTimeoutMs(params, mediaBytes);
    if (DOWNLOADS.has(name)) return await this.#download(action, params, timeoutMs, told.onRead);
    const end = await this.caller.call(self, name, params, {
      timeoutMs,
      ...(told.onRead && { onRead: told.onRead }),
      onLate: (reply) => told.onLate(classify(name, { kind: 'replied', reply })),
    });
    return end.kind === 'down' ? end : classify(name, end);
  }

  async #upload(
    action: Action,
    content: Buffer,
  ): Promise<
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'unsupported' }
    | { readonly kind: 'failed'; readonly end: Classified }
    | Down
  > {
    const { self, id } = action;
    let isDown = false;
    let isSupported = true;
    let doneBytes = 0;
    const streamId = `rookery-${this.clock.now().toString(36)}-${(this.#uploads++).toString(36)}`;
    const uploaded = await upload(
      { name: streamId, size: content.length, content: [content] },
      {
        streamId,
        call: async (params) => {
          const end = await this.caller.call(self, 'upload_file_stream', params, {
            timeoutMs: callTimeoutMs(params, 0),
          });
          // A chunk that was cut off with the link did nothing that another attempt could double.
          isDown ||= end.kind === 'down' || end.kind === 'closed';
          const ended = end.kind === 'down' ? ({ kind: 'closed', written: false } as const) : end;
          const classified = classify('upload_file_stream', ended);
          if (classified.error?.code === 'ACTION_NOT_SUPPORTED') isSupported = false;
          return classified;
        },
        onProgress: (sentBytes, size) => {
          const bytes = sentBytes - doneBytes;
          doneBytes = sentBytes;
          this.onProgress({ self, action: id, direction: 'up', bytes, doneBytes, totalBytes: size });
        },
      },
    );
    if (uploaded.ok) return { kind: 'file', file: uploaded.file };
    if (!isSupported) return { kind: 'unsupported' };
    if (isDown) return { kind: 'down' };
    const message = `${action.name}: a file of ${content.length} bytes could not be uploaded, nothing was sent: ${uploaded.reason}`;
    return { kind: 'failed', end: { outcome: 'not_sent', error: { code: 'ACTION_MEDIA_FAILED', message } } };
  }

  async #download(
    action: Action,
    params: Readonly<Record<string, unknown>>,
    timeoutMs: number,
    onRead: (() => void) | undefined,
  ): Promise<Classified | Down> {
    const { self, id, name } = action;
    let known = 0;
    const download = new Download({
      maxBytes: DOWNLOAD_MAX,
      onProgress: (doneBytes, totalBytes) => {
        const bytes = doneBytes - known;
        known = doneBytes;
        this.onProgress({ self, action: id, direction: 'down', bytes, doneBytes, totalBytes });
      },
    });
    const enough = new AbortController();
    const onPart = (part: Reply): void => {
      download.take(part);
      if (download.problem !== undefined) enough.abort();
    };
    const request = { timeoutMs, signal: enough.signal, onPart, ...(onRead && { onRead }) };
    const end = await this.caller.call(self, name, params, request);
    if (end.kind === 'down') return end;
    if (download.problem !== undefined) return broken(name, `${download.problem}; fetch it by its URL`);
    const classified = classify(name, end);
    if (classified.outcome !== 'sent' || end.kind !== 'replied') return classified;
    const downloaded = download.finish(end.reply);
    if (!downloaded.ok) return broken(name, downloaded.reason);
    const { name: fileName, content } = downloaded;
    return {
      outcome: 'sent',
      data: { file_name: fileName, file_size: content.length, base64: content.toString('base64') },
    };
  }
}

function broken(name: string, reason: string): Classified {
  return { outcome: 'not_sent', error: { code: 'ACTION_MEDIA_FAILED', message: `${name}: ${reason}` } };
}

/** Almost no action holds a file: one look instead of a copy. */
function mayHoldMedia(params: Readonly<Record<string, unknown>>): boolean {
  return inlineHolders(params).length > 0;
}

function inlineFiles(params: Record<string, unknown>): Inline[] {
  return inlineHolders(params).map(({ holder, key, text }) => ({
    holder,
    key,
    content: Buffer.from(text.slice(BASE64.length), 'base64'),
  }));
}

interface InlineHolder {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly text: string;
}

function inlineHolders(params: Readonly<Record<string, unknown>>): readonly InlineHolder[] {
  const found: InlineHolder[] = [];
  eachText(params, (text, key, holder) => {
    if (FILE_KEYS.has(key) && text.startsWith(BASE64)) found.push({ holder, key, text });
  });
  return found;
}
