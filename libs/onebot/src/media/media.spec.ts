import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Reply } from '../frame';
import type { Classified } from '../outcome';
import { Download } from './download';
import { upload, UPLOAD_CHUNK } from './upload';

/** Assembles chunks as NapCat does. */
class FakeUploads {
  readonly requests: Readonly<Record<string, unknown>>[] = [];
  failAt = -1;
  complete: unknown = { type: 'response', status: 'file_complete', file_path: '/tmp/napcat/a.bin' };

  call = (params: Readonly<Record<string, unknown>>): Promise<Classified> => {
    this.requests.push(params);
    if (params['reset'] === true) return Promise.resolve({ outcome: 'refused' });
    if (params['chunk_index'] === this.failAt) {
      return Promise.resolve({ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN', message: 'lost' } });
    }
    return Promise.resolve({
      outcome: 'sent',
      data: params['is_complete'] === true ? this.complete : { status: 'chunk_received' },
    });
  };

  get content(): Buffer {
    return Buffer.concat(
      this.requests
        .filter((r) => r['chunk_data'] !== undefined)
        .map((r) => Buffer.from(String(r['chunk_data']), 'base64')),
    );
  }
}

function pieces(content: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(content.length / size) }, (_, i) => content.subarray(i * size, (i + 1) * size));
}

describe('upload', () => {
  const content = Buffer.from(Array.from({ length: UPLOAD_CHUNK * 2 + 5 }, (_, i) => i % 251));

  it.each([[1000], [UPLOAD_CHUNK], [content.length]])(
    'sends pieces of %d bytes as whole chunks, with progress and hash',
    async (size) => {
      const napcat = new FakeUploads();
      const progress: number[] = [];
      const done = await upload(
        { name: 'a.bin', size: content.length, content: pieces(content, size) },
        { streamId: 's1', call: napcat.call, onProgress: (sent) => progress.push(sent) },
      );
      expect(done).toEqual({ ok: true, file: '/tmp/napcat/a.bin' });
      expect(napcat.content.equals(content)).toBe(true);
      expect(progress).toEqual([UPLOAD_CHUNK, UPLOAD_CHUNK * 2, content.length]);
      expect(napcat.requests[0]).toMatchObject({
        stream_id: 's1',
        chunk_index: 0,
        total_chunks: 3,
        file_size: content.length,
        filename: 'a.bin',
        file_retention: 300_000,
      });
      expect(napcat.requests.at(-1)).toEqual({
        stream_id: 's1',
        is_complete: true,
        expected_sha256: createHash('sha256').update(content).digest('hex'),
      });
    },
  );

  it('sends an empty file as one empty chunk', async () => {
    const napcat = new FakeUploads();
    expect(
      await upload({ name: 'e', size: 0, content: [] }, { streamId: 's', call: napcat.call, retentionMs: 0 }),
    ).toMatchObject({ ok: true });
    expect(napcat.requests[0]).toMatchObject({ chunk_data: '', total_chunks: 1, file_retention: 0 });
  });

  it.each<[string, Partial<{ size: number; failAt: number; complete: unknown; abort: boolean }>, RegExp]>([
    ['a chunk fails', { failAt: 1 }, /lost/],
    ['the file is longer than announced', { size: 10 }, /more than the 10 bytes/],
    ['the file is shorter than announced', { size: content.length + 1 }, /ended after/],
    ['NapCat does not complete it', { complete: { status: 'chunk_received' } }, /where it has put/],
    ['NapCat names no path', { complete: { status: 'file_complete' } }, /where it has put/],
    ['NapCat answers without data', { complete: undefined }, /where it has put/],
    ['the caller gives up', { abort: true }, /abort/i],
  ])('gives up and resets when %s', async (_case, fault, reason) => {
    const napcat = new FakeUploads();
    napcat.failAt = fault.failAt ?? -1;
    if ('complete' in fault) napcat.complete = fault.complete;
    const stop = new AbortController();
    if (fault.abort === true) stop.abort();
    const done = await upload(
      { name: 'a.bin', size: fault.size ?? content.length, content: [content] },
      { streamId: 's1', call: napcat.call, signal: stop.signal },
    );
    expect(done).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    expect(napcat.requests.at(-1)).toEqual({ stream_id: 's1', reset: true });
  });

  it('names the outcome when a failed chunk has no text', async () => {
    const call = () => Promise.resolve<Classified>({ outcome: 'refused' });
    expect(await upload({ name: 'a', size: 1, content: [Buffer.of(1)] }, { streamId: 's', call })).toEqual({
      ok: false,
      reason: 'upload_file_stream: refused',
    });
  });
});

describe('Download', () => {
  const frame = (data: unknown, over: Partial<Reply> = {}): Reply => ({
    status: 'ok',
    retcode: 0,
    data,
    message: '',
    echo: 'e',
    stream: true,
    ...over,
  });
  const info = (size: unknown) =>
    frame({ type: 'stream', data_type: 'file_info', file_name: 'a.bin', file_size: size });
  const chunk = (index: unknown, text: unknown) =>
    frame({ type: 'stream', data_type: 'file_chunk', index, data: text });
  const end = (total?: number) => frame({ type: 'response', data_type: 'file_complete', total_bytes: total });

  it('assembles chunks in order, with progress', () => {
    const progress: unknown[] = [];
    const sut = new Download({ onProgress: (...args) => progress.push(args) });
    for (const part of [info('4'), chunk(0, 'AQI='), frame(null), frame({ data_type: 'other' }), chunk(1, 'AwQ=')])
      sut.take(part);
    expect(sut.finish(end(4))).toEqual({ ok: true, name: 'a.bin', content: Buffer.of(1, 2, 3, 4) });
    expect(progress).toEqual([
      [2, 4],
      [4, 4],
    ]);
  });

  it('needs neither info nor total', () => {
    const sut = new Download();
    sut.take(chunk(1, 'AQI='));
    expect(sut.finish(end())).toMatchObject({ ok: true, name: '', content: Buffer.of(1, 2) });
  });

  it.each<[string, Reply[], Reply, RegExp]>([
    ['announces too much', [info(11)], end(), /has 11 bytes; at most 10/],
    ['sends too much', [info(undefined), chunk(0, 'AAAAAAAAAAAAAAAA')], end(), /has 12 bytes; at most 10/],
    [
      'leaves a chunk out',
      [chunk(0, 'AQI='), chunk(2, 'AQI='), chunk(1, 'AQI=')],
      end(),
      /chunk 2 came where 1 was due/,
    ],
    ['sends a chunk without data', [chunk(0, undefined)], end(), /without index or data/],
    ['sends less than announced', [info(4), chunk(0, 'AQI=')], end(), /2 of 4 bytes/],
    ['ends with another total', [info(2), chunk(0, 'AQI=')], end(3), /2 of 3 bytes/],
    ['ends without an end', [chunk(0, 'AQI=')], frame(null), /has no end/],
    [
      'fails',
      [chunk(0, 'AQI=')],
      frame({ type: 'error' }, { status: 'failed', message: 'file not found' }),
      /file not found/,
    ],
    ['fails without a word', [], frame(null, { status: 'failed' }), /broke off/],
  ])('refuses a stream that %s', (_case, parts, last, reason) => {
    const sut = new Download({ maxBytes: 10 });
    for (const part of parts) sut.take(part);
    expect(sut.finish(last)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('tells early that waiting is of no use', () => {
    const sut = new Download({ maxBytes: 10 });
    expect(sut.problem).toBeUndefined();
    sut.take(info(11));
    expect(sut.problem).toMatch(/at most 10/);
  });
});
