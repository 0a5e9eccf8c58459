import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { caller, GROUP, LIN, listen, refusal, SELF, stage } from '../testing/stage';
import { StreamAnswer } from './call';

const bytes = Buffer.from('a short text that is sent in parts');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const part = (from: number, to: number) => bytes.subarray(from, to).toString('base64');

function scene() {
  const { world } = stage(FakeClock);
  const call = caller(world);
  const stream = (action: string, params: Record<string, unknown>) => (call(action, params) as StreamAnswer).frames;
  const upload = (params: Record<string, unknown>) => stream('upload_file_stream', { stream_id: 's1', ...params });
  return { world, frames: listen(world, SELF), call, upload, stream };
}

describe('upload_file_stream', () => {
  it('answers each chunk once and ends with a path that can be downloaded again', () => {
    const { upload, stream } = scene();
    expect(upload({ total_chunks: 2, filename: 'a.txt' })).toMatchObject([{ type: 'stream', status: 'file_created' }]);
    expect(upload({ chunk_index: 1, chunk_data: part(10, 99) })).toMatchObject([
      { status: 'chunk_received', received_chunks: 1 },
    ]);
    expect(upload({ chunk_index: 0, chunk_data: part(0, 10) })).toMatchObject([
      { received_chunks: 2, total_chunks: 2 },
    ]);
    const [done] = upload({ is_complete: true, expected_sha256: sha256 }) as { file_path: string }[];
    expect(done).toMatchObject({ type: 'response', status: 'file_complete', file_size: bytes.length, sha256 });

    const frames = stream('download_file_stream', { file: done?.file_path, chunk_size: 16 }) as Record<
      string,
      unknown
    >[];
    const chunks = frames.filter((frame) => frame['data_type'] === 'file_chunk');
    expect(frames[0]).toMatchObject({ data_type: 'file_info', file_name: 'a.txt', file_size: bytes.length });
    expect(Buffer.concat(chunks.map((chunk) => Buffer.from(String(chunk['data']), 'base64')))).toEqual(bytes);
    expect(frames.at(-1)).toMatchObject({ type: 'response', data_type: 'file_complete', total_chunks: chunks.length });
  });

  it.each([
    ['a new stream without total_chunks', {}, 'total_chunks is required for new streams'],
    ['an index outside', { total_chunks: 1, chunk_index: 1, chunk_data: 'AA==' }, 'Invalid chunk index'],
    ['an end before all chunks', { total_chunks: 2, is_complete: true }, 'Not all chunks received'],
    ['a reset, which always fails', { total_chunks: 2, reset: true }, 'Stream reset completed'],
  ])('fails for %s', (_, params, text) => {
    expect(refusal(() => scene().upload(params)).text).toBe(text);
  });

  it('fails when the contents are not what was announced', () => {
    const { upload } = scene();
    upload({ total_chunks: 1, chunk_index: 0, chunk_data: part(0, 5) });
    expect(refusal(() => upload({ is_complete: true, expected_sha256: sha256 })).text).toBe('File hash mismatch');
  });
});

describe('files', () => {
  it('that are not known fail as a stream does', () => {
    const { stream } = scene();
    expect(() => stream('download_file_stream', { file: 'x' })).toThrow(
      expect.objectContaining({ retcode: 1200, data: { type: 'error', data_type: 'error' } }),
    );
  });

  it('uploaded to a group are a message and a notice', () => {
    const { call, frames } = scene();
    const params = { group_id: GROUP, file: 'file:///data/a.zip', name: 'a.zip' };
    expect(call('upload_group_file', params)).toEqual({ file_id: expect.stringMatching(/^\/[0-9a-f]{32}$/) });
    expect(frames).toMatchObject([
      { post_type: 'message_sent', message: [{ type: 'file', data: { file: 'a.zip' } }] },
      { notice_type: 'group_upload', file: { name: 'a.zip', busid: 102 } },
    ]);
  });

  it('sent to a friend are a message', () => {
    const { call, frames } = scene();
    call('upload_private_file', { user_id: LIN, file: 'file:///data/a.zip', name: 'a.zip' });
    expect(frames).toMatchObject([{ message_type: 'private', message: [{ type: 'file' }] }]);
  });
});
