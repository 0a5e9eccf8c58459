import { describe, expect, it } from '@jest/globals';
import { fuzzing, JSON_SPLINTERS, JSON_VALUES, mutated } from '@rookery/testing';
import fc from 'fast-check';
import { isAction } from './action-check';
import { parseAction } from './wire';

const least = {
  ...{ v: 1, id: 'a.1', self: '10001', name: 'get_status', params: {}, lane: 'read' },
  ...{ createdAt: 5, expiresAt: 6, origin: { plugin: 'ping' } },
};
const most = { ...least, conversation: 'group:default:7', replyTo: 'w-1', origin: { plugin: 'ping', event: 'e.1' } };
/** What the schema makes of it: an action with a field that is not known is told by the schema alone. */
const bySchema = (data: object) => parseAction({ ...data, stranger: 1 });

describe('isAction', () => {
  it.each([
    ['the least there is', least],
    ['all there is', most],
  ])('knows an action with %s, and the schema takes it as it is', (_what, action) => {
    expect([isAction(action), bySchema(action)]).toEqual([true, action]);
    expect(parseAction(action)).toBe(action);
  });

  it.each([
    ['another version', { ...most, v: 2 }],
    ['an id with a space', { ...most, id: 'a 1' }],
    ['an account that is no number', { ...most, self: 'x' }],
    ['no name', { ...most, name: '' }],
    ['a name with a suffix', { ...most, name: 'send_msg_async' }],
    ['a name that is too long', { ...most, name: 'x'.repeat(101) }],
    ['parameters in a list', { ...most, params: [] }],
    ['another lane', { ...most, lane: 'fast' }],
    ['a conversation that is too long', { ...most, conversation: 'x'.repeat(301) }],
    ['no time', { ...most, createdAt: null }],
    ['no expiry', { ...most, expiresAt: '6' }],
    ['a worker that is none', { ...most, replyTo: '-' }],
    ['no origin', { ...most, origin: null }],
    ['no plugin', { ...most, origin: {} }],
    ['an event that is none', { ...most, origin: { plugin: 'p', event: 'e:1' } }],
  ])('does not know one with %s, and the schema refuses it', (_what, data) => {
    expect(isAction(data)).toBe(false);
    expect(() => parseAction(data)).toThrow(/not an action/);
  });

  it.each([
    ['the action', { ...most, stranger: 1 }],
    ['its origin', { ...most, origin: { ...most.origin, stranger: 1 } }],
    ['its parameters, where it would change what they inherit', withPrototype()],
  ])('leaves a stranger in %s to the schema, which takes it out', (_where, data) => {
    expect(isAction(data)).toBe(false);
    expect(parseAction(data)).toEqual(most);
  });

  it('random and mutated, knows nothing that the schema refuses or changes', () => {
    let known = 0;
    const property = fc.property(mutated([JSON.stringify(most)], JSON_SPLINTERS, JSON_VALUES), (text) => {
      let data: unknown;
      try {
        data = JSON.parse(text);
      } catch {
        return;
      }
      if (!isAction(data)) return;
      known += 1;
      expect(bySchema(data)).toEqual(data);
    });
    fc.assert(property, fuzzing(1_000));
    expect(known).toBeGreaterThan(15);
  });
});

function withPrototype(): object {
  return { ...most, params: JSON.parse('{"__proto__":{"polluted":true}}') as object };
}
