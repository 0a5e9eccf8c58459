import { describe, expect, it } from '@jest/globals';
import { actionId, nodeId, parseResults, selfId, type ActionResult } from '@rookery/protocol';
import { ResultSender } from './result-sender';

const result = (id: string): ActionResult => ({
  id: actionId(id),
  self: selfId('10001'),
  outcome: 'sent',
  endedAt: 1,
});

describe('ResultSender', () => {
  it('sends the results of one turn in one message per asking node', async () => {
    const emitted: [string, unknown][] = [];
    const sut = new ResultSender((channel, data) => emitted.push([channel, data]));
    sut.send(nodeId('worker-1'), result('a'));
    sut.send(nodeId('worker-2'), result('b'));
    sut.send(nodeId('worker-1'), result('c'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(emitted.map(([channel, data]) => [channel, parseResults(data).results.map((r) => r.id)])).toEqual([
      ['rookery:results:worker-1', ['a', 'c']],
      ['rookery:results:worker-2', ['b']],
    ]);
  });
});
