import { describe, expect, it } from '@jest/globals';
import { fuzzing, haveOneShape, JSON_SPLINTERS, JSON_VALUES, mutated } from '@rookery/testing';
import fc from 'fast-check';
import { RookeryError } from '../errors';
import { MATCHED_TEXT_MAX, type Event, type MessageEvent } from '../event';
import { nodeId } from '../ids';
import { plainText, type Segment } from '../segment';
import { ENVELOPE_MAX_EVENTS } from './envelope';
import { EnvelopeDraft } from './envelope-draft';
import { FoldedMessage, unfolded } from './folded-message';
import { readEnvelope } from './read-envelope';

const place = { partition: 3, node: nodeId('connector-1'), seq: 7 };
const meta = {
  ...{ id: 'c.10001.x', type: 'meta', self: '10001', pool: 'default', conversation: 'account:10001' },
  ...{ time: 1_786_700_000_000, receivedAt: 1_786_700_000_123, kind: 'heartbeat', online: true, intervalMs: 30_000 },
} as unknown as Event;

function message(segments: readonly Segment[] = [], more: object = {}): MessageEvent {
  return {
    ...{ id: 'm.10001.g7.s9', type: 'message', self: '10001', pool: 'default', conversation: 'group:default:7' },
    ...{ time: 1_786_700_000_000, receivedAt: 1_786_700_000_123, subType: 'normal', own: false },
    scene: { kind: 'group', groupId: '7' },
    sender: { userId: '42', nickname: 'Lin', card: '' },
    segments,
    text: plainText(segments).slice(0, MATCHED_TEXT_MAX),
    ...more,
  } as unknown as MessageEvent;
}
const says = (text: string): Segment => ({ type: 'text', data: { text } });
const image: Segment = { type: 'image', data: { file: 'a.png', url: 'https://example.invalid/?a=1&b="2"' } };

function written(events: readonly Event[]): string {
  const draft = new EnvelopeDraft(place);
  for (const event of events) expect(draft.add(event)).toBe(true);
  return Buffer.from(draft.written().json).toString();
}
const read = (text: string) => readEnvelope(Buffer.from(text));
const back = (events: readonly Event[]) => read(written(events)).events.map(unfolded);

function refusal(text: string): string {
  try {
    for (const event of read(text).events) unfolded(event);
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'ENVELOPE_INVALID') return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

describe('an envelope', () => {
  it('has one shape with all others, and so have the messages that are read from it', () => {
    const ofOne = Array.from({ length: 4 }, () => {
      const draft = new EnvelopeDraft(place);
      draft.add(message([says('hi')], { messageId: '1', seq: '2' }));
      return draft.written();
    });
    expect(haveOneShape(ofOne)).toBe(true);
    expect(haveOneShape(ofOne.flatMap(({ json }) => readEnvelope(Buffer.from(json)).events.map(unfolded)))).toBe(true);
  });

  it('is JSON, for whoever looks into a queue, with the place of the envelope and every event', () => {
    const { heads, bodies, ...rest } = JSON.parse(written([message(), meta])) as Record<string, unknown[]>;
    expect(rest).toEqual({ v: 2, ...place });
    expect([heads?.length, bodies?.length]).toEqual([2, 2]);
  });

  it.each<[string, readonly Event[]]>([
    ['nothing', []],
    ['one that is no message', [meta]],
    ['an empty message', [message()]],
    ['some of several kinds', [message([says('hello')]), meta, message([image, says('早'), says('安'), image])]],
    ['text that JSON escapes', [message([says('"\\\n\t\u0000\u2028 é 字 😀')])]],
    ['half a character, which escapes alone can bring in', [message([says('\ud83d')])]],
    ['text segments with more in them than text', [message([{ type: 'text', data: { text: 'a', id: 1 } }, says('b')])]],
    ['a text that is longer than what is matched', [message([says('字'.repeat(MATCHED_TEXT_MAX)), says('end')])]],
    ['a text that is not that of its segments', [message([says('one')], { text: 'other' })]],
    ['a segment without a text where one belongs', [message([{ type: 'text', data: {} }])]],
    ['a private message', [message([], { scene: { kind: 'private', userId: '42', viaGroup: '7' } })]],
    ['a guild message', [message([], { scene: { kind: 'guild', guildId: 'g"', channelId: 'c' } })]],
    [
      'all that a message can have',
      [
        message([says('x')], {
          ...{ messageId: '-1/字', seq: '9', own: true, filled: true, raw: { deep: [{ a: null }] } },
          scene: { kind: 'group', groupId: '7', groupName: '晚风"小组"' },
          sender: { userId: '42', nickname: '', card: '值日生', role: 'owner', title: '\\' },
          anonymous: { id: '1', name: '某人', flag: 'f' },
        }),
      ],
    ],
  ])('brings %s unchanged', (_what, events) => {
    expect(back(events)).toEqual(events);
  });

  it('brings any message unchanged', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ size: 'large' }));
    const segment = fc.oneof(
      text.map(says),
      fc.record({ type: fc.constantFrom('at', 'text', 'x'), data: fc.dictionary(fc.string(), fc.jsonValue()) }),
    );
    const some = fc.record(
      { messageId: text, seq: fc.nat().map(String), subType: text, filled: fc.constant(true), time: fc.nat() },
      { requiredKeys: [] },
    );
    const event = fc
      .tuple(fc.array(segment, { maxLength: 5 }), some, text, text)
      .map(([segments, more, nickname, card]) =>
        message(segments as Segment[], { ...more, sender: { userId: '1', nickname, card } }),
      );
    const property = fc.property(fc.array(event, { maxLength: 4 }), (events) => {
      expect(JSON.stringify(back(events).map(sorted))).toBe(JSON.stringify(events.map(sorted)));
    });
    fc.assert(property, fuzzing(300));
  });

  it('reads no body that nobody wants, and keeps the bytes of all no longer than until it is read', () => {
    const text = written([message([says('hello')])]).replace(/\n\[.*\]\n/, '\nrubbish\n');
    const [folded] = read(text).events;
    expect(folded).toMatchObject({ type: 'message', id: 'm.10001.g7.s9', text: 'hello', sender: { userId: '42' } });
    const [good] = read(written([message([says('hello')])])).events;
    if (!(good instanceof FoldedMessage)) throw new Error('a message came whole');
    expect(good.unfold()).toBe(good.unfold());
  });

  it.each([
    ['an empty id', 'm.10001.g7.s9', ''],
    ['an empty account', '"10001"', '""'],
    ['an id that is no text', '"m.10001.g7.s9"', '7'],
    ['a time of arrival that is no number', '1786700000123', '"1786700000123"'],
    ['no place', '{"kind":"group","groupId":"7"}', 'null'],
    ['a role that does not exist', ',null,false,', ',"emperor",false,'],
    ['no word of whose it is', ',null,false,', ',null,0,'],
    ['one field too few', ',null,false,', ',false,'],
  ])('whose second event has %s is refused, and it says which one', (_what, part, instead) => {
    const good = written([meta, message()]);
    const at = good.indexOf(part, good.indexOf('["m.'));
    expect(at).toBeGreaterThan(0);
    const error = refusal(good.slice(0, at) + instead + good.slice(at + part.length));
    expect(error).toContain('must have id, type, self, conversation and receivedAt');
    expect(error).toContain('heads[1]');
  });

  it.each([
    ['a type that does not exist', { ...meta, type: 'telepathy' }],
    ['a message where only others travel whole', { ...message() }],
    ['no conversation', { ...meta, conversation: undefined }],
  ])('with %s is refused', (_what, event) => {
    const text = written([meta]).replace(JSON.stringify(meta), JSON.stringify(event));
    expect(refusal(text)).toContain('heads[0]');
  });

  it.each([
    ['the version before', JSON.stringify({ v: 1, ...place, events: [meta] }), 'expected 2'],
    ['a later version', written([meta]).replace('"v":2', '"v":3'), 'expected 2'],
    ['a foreign job', '{"hello":"world"}', 'not an envelope'],
    ['no JSON', 'hello', 'not an envelope'],
    ['nothing', '', 'not an envelope'],
    ['more events than an envelope holds', crowded(), 'heads'],
    ['all in one line', written([meta, meta]).replaceAll('\n', ''), 'bodies'],
    ['the bodies cut off', written([message(), message()]).split('\n').slice(0, 2).join('\n'), 'one line for the body'],
    ['a body too few', written([meta, meta]).replace('0,\n', ''), 'one line for the body'],
    ['a body too many', written([meta, meta]).replace('0,\n', '0,\n0,\n'), 'one line for the body'],
    ['another end', `${written([meta])} `, 'one line for the body'],
    ['a body that is none', written([message()]).replace(/\n\[.*\]\n/, '\n{}\n'), 'the body of event m.10001.g7.s9'],
    ['a body cut short', written([message()]).replace(',null]\n', '\n'), 'the body of event m.10001.g7.s9'],
    ['segments that are none', written([message([image])]).replace('"data"', '"date"'), 'the body of event'],
    ['more text in a body than in its head', written([message([says('hello')])]).replace('[5]', '[6]'), 'the body of'],
  ])('with %s is refused', (_what, text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  it('random and mutated, is taken or refused by name, and never anything else', () => {
    const samples = [written([message([says('hello'), image]), meta]), written([meta, message([says('字"')])])];
    let [taken, refused] = [0, 0];
    const property = fc.property(mutated(samples, JSON_SPLINTERS, JSON_VALUES), (text) => {
      try {
        read(text).events.map(unfolded);
        taken += 1;
      } catch (error) {
        if (!(error instanceof RookeryError) || error.code !== 'ENVELOPE_INVALID') throw error;
        refused += 1;
      }
    });
    fc.assert(property, fuzzing(1_000));
    expect(Math.min(taken, refused)).toBeGreaterThan(15);
  });
});

function crowded(): string {
  const heads = Array.from({ length: ENVELOPE_MAX_EVENTS + 1 }, () => meta);
  return `${JSON.stringify({ v: 2, ...place, heads })}`.replace(/\}$/, ',"bodies":[\n0\n]}');
}

/** Fields of events in one order, since absent ones are not to come back as undefined ones. */
function sorted(event: Event): unknown {
  return Object.fromEntries(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)));
}
