import { describe, expect, it } from '@jest/globals';
import { eventId, nodeId, selfId } from '@rookery/protocol';
import type { TraceRecord } from '@rookery/redis';
import { traceText } from './trace-text';

const id = eventId('m.1');
const record = (node: string, steps: TraceRecord['steps']): TraceRecord => ({
  v: 1,
  event: id,
  node: nodeId(node),
  self: selfId('10001'),
  steps,
});

describe('traceText', () => {
  it('joins what several nodes tell into one way, in the order of time', () => {
    const text = traceText(id, [
      record('connector-1', [{ at: 1_250, stage: 'ended', what: 'send_group_msg: sent' }]),
      record('worker-1', [
        { at: 1_000, stage: 'read', what: 'message in group:default:7' },
        { at: 1_020, stage: 'ran', what: 'ping.ping', tookMs: 12 },
      ]),
    ]);
    expect(text.split('\n')).toEqual([
      'm.1, seen by account 10001',
      expect.stringMatching(/^1970-01-01T00:00:01.000Z {6}\+0 ms {2}read .*group:default:7 {2}\[worker-1\]$/),
      expect.stringMatching(/\+20 ms {2}ran {6}ping\.ping, took 12 ms {2}\[worker-1\]$/),
      expect.stringMatching(/\+250 ms {2}ended {4}send_group_msg: sent {2}\[connector-1\]$/),
      '',
    ]);
  });

  it('names the trace in which OpenTelemetry has it, where it is exported', () => {
    const text = traceText(id, [record('w', [{ at: 1, stage: 'settled', what: 'handled' }])], 'abc');
    expect(text.split('\n')[0]).toBe('m.1, seen by account 10001, OpenTelemetry trace abc');
  });

  it('has nothing to say of what nobody has told', () => expect(traceText(id, [])).toBe(''));
});
