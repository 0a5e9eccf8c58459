import { describe, expect, it } from '@jest/globals';
import { ENVELOPE_MAX_EVENTS } from './envelope';
import { RookeryError } from './errors';
import { parseEnvelope } from './wire';

const event = {
  ...{ id: 'm:1', type: 'message', self: '10001', conversation: 'group:default:7', receivedAt: 1_786_700_100_000 },
  text: 'what routing does not need is left alone',
};
const envelope = (events: unknown) => ({ v: 1, partition: 0, node: 'connector-1', seq: 1, events });

function refusal(data: unknown): RookeryError {
  try {
    parseEnvelope(data);
  } catch (error) {
    if (error instanceof RookeryError) return error;
  }
  throw new Error('was not refused');
}

describe('parseEnvelope', () => {
  it('keeps all fields of the events', () => {
    expect(parseEnvelope(envelope([event])).events).toEqual([event]);
  });

  it.each([
    ['no object', 'hello'],
    ['null', null],
    ['an empty id', { ...event, id: '' }],
    ['an id that is no text', { ...event, id: 7 }],
    ['no account', { ...event, self: undefined }],
    ['no conversation', { ...event, conversation: undefined }],
    ['a type that does not exist', { ...event, type: 'telepathy' }],
    ['no time of arrival', { ...event, receivedAt: undefined }],
    ['a time of arrival that is no number', { ...event, receivedAt: '1786700100000' }],
  ])('refuses an event with %s and says which one it is', (_what, broken) => {
    const error = refusal(envelope([event, broken]));
    expect(error.code).toBe('ENVELOPE_INVALID');
    expect(error.message).toContain('must have id, type, self, conversation and receivedAt');
    expect(error.message).toContain('events[1]');
  });

  it.each([
    ['a foreign job', { hello: 'world' }],
    ['an unknown version', { ...envelope([]), v: 99 }],
    ['events that are no list', envelope('all of them')],
    ['more events than an envelope holds', envelope(Array(ENVELOPE_MAX_EVENTS + 1).fill(event))],
  ])('refuses %s', (_what, data) => {
    expect(refusal(data).code).toBe('ENVELOPE_INVALID');
  });
});
