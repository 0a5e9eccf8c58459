import { describe, expect, it } from '@jest/globals';
import { actionId, selfId, type ActionResult } from '@rookery/protocol';
import { haveOneShape } from '@rookery/testing';
import { withReference } from './doubtful-results';

const LIKENESS = { target: 'group:7', content: 'hi' };
const result = (id: number): ActionResult => ({
  ...{ id: actionId(`a${id}`), self: selfId('10001'), outcome: 'sent', data: { message_id: id }, endedAt: id },
});

describe('the result of a send', () => {
  it('says what others can quote the message by, and has one shape with all others', () => {
    const results = [1, 2, 3].map((id) => withReference(result(id), LIKENESS, undefined));
    expect(results[1]).toEqual({ ...result(2), reference: { messageId: '2', groupId: '7' } });
    expect(haveOneShape(results)).toBe(true);
    expect(haveOneShape(results.flatMap(({ reference }) => reference ?? []))).toBe(true);
  });
});
