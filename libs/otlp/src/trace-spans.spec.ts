import { describe, expect, it } from '@jest/globals';
import { eventId, nodeId, selfId } from '@rookery/protocol';
import type { TraceRecord, TraceStep } from '@rookery/redis';
import { spanIdOf, traceIdOf } from './span';
import { spansOf } from './trace-spans';

const record = (...steps: readonly TraceStep[]): TraceRecord => ({
  v: 1,
  event: eventId('m.1'),
  node: nodeId('worker-1'),
  self: selfId('10001'),
  steps,
});
const [trace, root] = [traceIdOf('m.1'), spanIdOf('m.1', 'event')];

describe('spansOf', () => {
  it('gives of a worker the event with its envelope and its handlers in it', () => {
    const spans = spansOf(
      record(
        { at: 1_000, stage: 'read', what: 'message in group:default:1' },
        { at: 1_020, stage: 'taken', what: 'from the queue' },
        { at: 1_050, stage: 'ran', what: 'ping.ping', tookMs: 25, name: 'ping.ping' },
        { at: 1_060, stage: 'ran', what: 'a.b failed: X', tookMs: 5, name: 'a.b', error: 'HANDLER_FAILED' },
        { at: 1_051, stage: 'asked', what: 'send_group_msg of 10001', name: 'send_group_msg', action: 'x.0' },
        { at: 1_070, stage: 'settled', what: 'handled' },
      ),
    );
    expect(
      spans.map(({ name, kind, startMs, endMs, error }) => [name, kind, startMs, endMs, error].filter(Boolean)),
    ).toEqual([
      ['envelope', 'consumer', 1_000, 1_020],
      ['handler ping.ping', 'internal', 1_025, 1_050],
      ['handler a.b', 'internal', 1_055, 1_060, 'HANDLER_FAILED'],
      ['event', 'consumer', 1_000, 1_070],
    ]);
    expect(spans.map(({ traceId }) => traceId)).toEqual(spans.map(() => trace));
    expect(spans.map(({ parentId }) => parentId)).toEqual([root, root, root, undefined]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4);
    expect(spans.at(-1)).toMatchObject({
      spanId: root,
      attributes: { 'rookery.settled': 'handled', 'rookery.account': '10001' },
      events: [{ name: 'asked send_group_msg', atMs: 1_051 }],
    });
  });

  it('gives of a connector the action, within the same event', () => {
    const ended = { at: 2_000, stage: 'ended', what: 'send_group_msg: sent (x.0)', tookMs: 400 } as const;
    expect(spansOf(record({ ...ended, name: 'send_group_msg', action: 'x.0' }))).toMatchObject([
      {
        traceId: trace,
        parentId: root,
        spanId: spanIdOf('m.1', 'action x.0'),
        name: 'action send_group_msg',
        kind: 'client',
        startMs: 1_600,
        endMs: 2_000,
        attributes: { 'rookery.action': 'x.0' },
      },
    ]);
  });

  it('makes nothing of an event whose beginning was not told', () => {
    expect(spansOf(record({ at: 1, stage: 'taken', what: '' }))).toEqual([]);
    expect(spansOf(record({ at: 5, stage: 'settled', what: 'handled' }))).toMatchObject([{ startMs: 5, endMs: 5 }]);
  });
});
