import { describe, expect, it } from '@jest/globals';
import type { CallEnd, Reply } from '@rookery/onebot';
import { actionId, selfId, type Action } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Media, type Caller, type MediaProgress } from './media';

const self = selfId('10001');
const KIB = 1024;
const base64 = (bytes: number) => `base64://${Buffer.alloc(bytes, 7).toString('base64')}`;
const picture = (file: string) => ({ type: 'image', data: { file } });
const replied = (reply: Partial<Reply>): CallEnd => ({
  kind: 'replied',
  reply: { status: 'ok', retcode: 0, data: undefined, message: '', echo: 'x', stream: false, ...reply },
});
const failed = (message: string, retcode = 1200) => replied({ status: 'failed', retcode, message });
const part = (data: object): Reply => (replied({ data, stream: true }) as { reply: Reply }).reply;

const never = (): void => {
  throw new Error('nothing came late');
};

function action(name: string, params: Record<string, unknown>): Action {
  const clock = { createdAt: 0, expiresAt: 60_000 };
  return { v: 1, id: actionId('a1'), self, name, params, lane: 'normal', ...clock, origin: { plugin: 'test' } };
}

/** A NapCat that answers what `answer` says, or takes uploads like the real one. */
function setUp(answer: (name: string, params: Record<string, unknown>) => CallEnd | { kind: 'down' } | undefined) {
  const calls: { name: string; params: Record<string, unknown> }[] = [];
  const parts: Reply[] = [];
  const progress: MediaProgress[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const caller: Pick<Caller, 'call'> = {
    call: async (_self, name, params, { onPart, signal }) => {
      calls.push({ name, params });
      signals.push(signal);
      for (const each of parts) onPart?.(each);
      const own = answer(name, params);
      if (own !== undefined) return own;
      const isEnd = params['is_complete'] === true;
      return replied({ data: isEnd ? { status: 'file_complete', file_path: '/tmp/up' } : { type: 'stream' } });
    },
  };
  const sut = new Media(caller, new FakeClock(1_000), (step) => progress.push(step));
  return { sut, calls, parts, progress, signals };
}

describe('Media', () => {
  it('leaves an action without files as it is', async () => {
    const { sut, calls } = setUp(() => undefined);
    const params = { message: [{ type: 'text', data: { text: base64(600 * KIB), file: 5 } }] };
    const readied = await sut.ready(action('send_group_msg', params));
    expect(readied).toEqual({ kind: 'ready', params, mediaBytes: 0 });
    expect(calls).toEqual([]);
  });

  it('leaves small pictures, addresses and handles in the frame', async () => {
    const { sut, calls } = setUp(() => undefined);
    const params = { message: [picture(base64(256 * KIB)), picture('https://a.example/a.png'), picture('A.png')] };
    expect(await sut.ready(action('send_group_msg', params))).toEqual({ kind: 'ready', params, mediaBytes: 256 * KIB });
    expect(calls).toEqual([]);
  });

  it('uploads a large picture in chunks and names the file in its place, also inside a forward', async () => {
    const { sut, calls, progress } = setUp(() => undefined);
    const node = { type: 'node', data: { user_id: '1', nickname: 'n', content: [picture(base64(300 * KIB))] } };
    const wanted = action('send_group_forward_msg', { group_id: '7', messages: [node] });
    const readied = await sut.ready(wanted);
    expect(readied).toEqual({
      kind: 'ready',
      params: { group_id: '7', messages: [{ ...node, data: { ...node.data, content: [picture('/tmp/up')] } }] },
      mediaBytes: 300 * KIB,
    });
    expect(calls.map((call) => [call.name, call.params['chunk_index'] ?? call.params['is_complete']])).toEqual([
      ['upload_file_stream', 0],
      ['upload_file_stream', 1],
      ['upload_file_stream', 2],
      ['upload_file_stream', true],
    ]);
    expect(progress.map((step) => [step.direction, step.bytes / KIB, step.doneBytes / KIB])).toEqual([
      ['up', 128, 128],
      ['up', 128, 256],
      ['up', 44, 300],
    ]);
    expect(wanted.params['messages']).toEqual([node]);
  });

  it('uploads under a name of its own for every file', async () => {
    const { sut, calls } = setUp(() => undefined);
    await sut.ready(action('send_group_msg', { message: [picture(base64(300 * KIB)), picture(base64(301 * KIB))] }));
    expect(new Set(calls.map((call) => call.params['stream_id'])).size).toBe(2);
  });

  it('sends nothing when a chunk is refused, and says why', async () => {
    const { sut, calls } = setUp((_name, { chunk_index: index }) => (index === 1 ? failed('disk full') : undefined));
    const readied = await sut.ready(action('send_group_msg', { message: [picture(base64(300 * KIB))] }));
    expect(readied).toMatchObject({
      kind: 'failed',
      end: { outcome: 'not_sent', error: { code: 'ACTION_MEDIA_FAILED' } },
    });
    expect(readied.kind === 'failed' && readied.end.error?.message).toMatch(/nothing was sent: .*disk full/);
    expect(calls.at(-1)?.params).toMatchObject({ reset: true });
  });

  it('reports the link as down when it is lost during the upload, so that the action is tried again', async () => {
    const { sut } = setUp((_name, { chunk_index: index }) => (index === 1 ? { kind: 'down' } : undefined));
    expect(await sut.ready(action('send_group_msg', { message: [picture(base64(300 * KIB))] }))).toEqual({
      kind: 'down',
    });
  });

  it('reports it as down too when a new link is there before the upload is given up: the old one cut a chunk off', async () => {
    const { sut, calls } = setUp((_name, { chunk_index: index }) =>
      index === 1 ? { kind: 'closed', written: true } : undefined,
    );
    const readied = await sut.ready(action('send_group_msg', { message: [picture(base64(300 * KIB))] }));
    expect(readied).toEqual({ kind: 'down' });
    expect(calls.at(-1)?.params).toMatchObject({ reset: true });
  });

  it('keeps base64 where the implementation knows no uploads, and asks it only once per action', async () => {
    const { sut, calls } = setUp((_name, params) =>
      params['reset'] === true ? undefined : failed('unknown action', 1404),
    );
    const params = { message: [picture(base64(300 * KIB)), picture(base64(301 * KIB))] };
    expect(await sut.ready(action('send_group_msg', params))).toEqual({
      kind: 'ready',
      params,
      mediaBytes: 601 * KIB,
    });
    expect(calls.filter((call) => call.params['reset'] !== true)).toHaveLength(1);
  });

  const info = part({ type: 'stream', data_type: 'file_info', file_name: 'a.txt', file_size: 4 });
  const chunk = (index: number, text: string) =>
    part({ type: 'stream', data_type: 'file_chunk', index, data: Buffer.from(text).toString('base64') });
  const complete = replied({ data: { type: 'response', data_type: 'file_complete', total_bytes: 4 }, stream: true });

  it('makes one result of the many frames of a download', async () => {
    const { sut, parts, progress } = setUp(() => complete);
    parts.push(info, chunk(0, 'ab'), chunk(1, 'cd'));
    const wanted = action('download_file_stream', { file: 'f' });
    expect(await sut.call(wanted, { params: wanted.params, mediaBytes: 0 }, { onLate: never })).toEqual({
      outcome: 'sent',
      data: { file_name: 'a.txt', file_size: 4, base64: Buffer.from('abcd').toString('base64') },
    });
    expect(progress).toEqual([
      { self, action: 'a1', direction: 'down', bytes: 2, doneBytes: 2, totalBytes: 4 },
      { self, action: 'a1', direction: 'down', bytes: 2, doneBytes: 4, totalBytes: 4 },
    ]);
  });

  it.each<[string, Reply[], CallEnd, RegExp]>([
    ['a gap', [info, chunk(0, 'ab'), chunk(2, 'cd')], complete, /chunk 2 came where 1 was due/],
    ['too few bytes', [info, chunk(0, 'ab')], complete, /2 of 4 bytes came/],
    ['no end', [info, chunk(0, 'abcd')], replied({ data: { type: 'response' } }), /has no end/],
    [
      'more than a result may hold',
      [part({ data_type: 'file_info', file_size: 1024 * KIB + 1 })],
      { kind: 'timed_out' },
      /at most 1048576 are taken this way; fetch it by its URL/,
    ],
  ])('says that a download with %s has not come', async (_name, given, end, reason) => {
    const { sut, parts } = setUp(() => end);
    parts.push(...given);
    const result = await sut.call(
      action('download_file_stream', {}),
      { params: { file: 'f' }, mediaBytes: 0 },
      { onLate: never },
    );
    expect(result).toMatchObject({ outcome: 'not_sent', error: { code: 'ACTION_MEDIA_FAILED' } });
    expect('error' in result && result.error?.message).toMatch(reason);
  });

  it('waits no longer for a download that is too large', async () => {
    const { sut, parts, signals } = setUp(() => ({ kind: 'timed_out' }));
    parts.push(part({ data_type: 'file_info', file_size: 2 * 1024 * KIB }));
    await sut.call(action('download_file_stream', {}), { params: { file: 'f' }, mediaBytes: 0 }, { onLate: never });
    expect(signals[0]?.aborted).toBe(true);
  });

  it.each<[string, CallEnd | { kind: 'down' }, object]>([
    ['refused', failed('file not found'), { outcome: 'refused', error: { code: 'ACTION_TARGET_NOT_FOUND' } }],
    ['never answered', { kind: 'timed_out' }, { outcome: 'not_sent', error: { code: 'ACTION_NO_REPLY' } }],
    ['asked while the link is down', { kind: 'down' }, { kind: 'down' }],
  ])('passes on how a download ended that was %s', async (_name, end, expected) => {
    const { sut } = setUp(() => end);
    expect(
      await sut.call(action('download_file_stream', {}), { params: { file: 'f' }, mediaBytes: 0 }, { onLate: never }),
    ).toMatchObject(expected);
  });
});
