import type { Reply } from './frame';
import { isFields } from './values';

/** Actions that answer one request with many frames. Others, upload_file_stream among them, answer with one. */
const MANY_FRAMES: ReadonlySet<string> = new Set([
  'download_file_stream',
  'download_file_image_stream',
  'download_file_record_stream',
  'test_download_stream',
]);

/**
 * Whether a frame ends the call. By action name, since the chunk answers of upload_file_stream say "stream" too and are
 * complete replies; a stream ends with data of type `response` or `error`, or with any failure.
 */
export function isLastFrame(action: string, reply: Reply): boolean {
  if (!MANY_FRAMES.has(action)) return true;
  const { data } = reply;
  return reply.status !== 'ok' || !isFields(data) || data['type'] !== 'stream';
}
