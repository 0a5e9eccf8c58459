import { createHash } from 'node:crypto';
import type { Classified } from '../outcome';
import { isFields } from '../values';

/** Bytes of one chunk. 171 kB of base64 keep NapCat's parser busy for some 30 ms. */
export const UPLOAD_CHUNK = 128 * 1024;

export interface UploadSource {
  readonly name: string;
  /** Bytes that `content` yields in all. */
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface UploadOptions {
  /** Unique among the uploads of this account. */
  readonly streamId: string;
  /** Calls upload_file_stream. Each chunk is one call with one ordinary reply. */
  readonly call: (params: Readonly<Record<string, unknown>>) => Promise<Classified>;
  /** How long NapCat keeps the file, in milliseconds. Default 5 minutes; 0 keeps it for ever. */
  readonly retentionMs?: number;
  readonly onProgress?: (sentBytes: number, size: number) => void;
  readonly signal?: AbortSignal;
}

export type Uploaded =
  /** `file` is a path on NapCat's machine, of use in later actions of the same account. */
  { readonly ok: true; readonly file: string } | { readonly ok: false; readonly reason: string };

const RETENTION_MS = 5 * 60_000;

/** Sends a file in chunks, one after the other, and asks NapCat to verify its hash. Never rejects. */
export async function upload(source: UploadSource, options: UploadOptions): Promise<Uploaded> {
  const { streamId, call, signal, onProgress } = options;
  const total = Math.max(1, Math.ceil(source.size / UPLOAD_CHUNK));
  const hash = createHash('sha256');
  const common = {
    stream_id: streamId,
    total_chunks: total,
    file_size: source.size,
    filename: source.name,
    file_retention: options.retentionMs ?? RETENTION_MS,
  };
  let sent = 0;
  let index = 0;
  try {
    for await (const chunk of rechunked(source.content)) {
      signal?.throwIfAborted();
      sent += chunk.length;
      if (sent > source.size) throw new Error(`${source.name} holds more than the ${source.size} bytes announced`);
      hash.update(chunk);
      mustBeSent(await call({ ...common, chunk_index: index, chunk_data: chunk.toString('base64') }));
      index += 1;
      onProgress?.(sent, source.size);
    }
    if (sent < source.size) throw new Error(`${source.name} ended after ${sent} of ${source.size} bytes`);
    signal?.throwIfAborted();
    const done = mustBeSent(
      await call({ stream_id: streamId, is_complete: true, expected_sha256: hash.digest('hex') }),
    );
    const file = isFields(done) && done['status'] === 'file_complete' ? done['file_path'] : undefined;
    if (typeof file !== 'string' || file === '') throw new Error('NapCat did not say where it has put the file');
    return { ok: true, file };
  } catch (error) {
    // The answer to a reset is always a failure; without it NapCat keeps the chunks for ten minutes.
    await call({ stream_id: streamId, reset: true });
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function mustBeSent(reply: Classified): unknown {
  if (reply.outcome !== 'sent') throw new Error(reply.error?.message ?? `upload_file_stream: ${reply.outcome}`);
  return reply.data;
}

/** Pieces of any size as chunks of {@link UPLOAD_CHUNK}, the last one smaller; one empty chunk for an empty file. */
async function* rechunked(content: UploadSource['content']): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let empty = true;
  for await (const piece of content) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    while (rest.length >= UPLOAD_CHUNK) {
      yield rest.subarray(0, UPLOAD_CHUNK);
      rest = rest.subarray(UPLOAD_CHUNK);
      empty = false;
    }
  }
  if (rest.length > 0 || empty) yield rest;
}
