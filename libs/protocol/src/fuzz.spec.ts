import { describe, expect, it } from '@jest/globals';
import { fuzzing, JSON_SPLINTERS, JSON_VALUES, mutated } from '@rookery/testing';
import fc from 'fast-check';
import { parseAnswer, parseRequest } from './control/messages';
import { APPS, CONTROL_REQUESTS, type RequestName } from './control/requests';
import { RookeryError } from './errors';
import { parseCq, writeCq } from './segments/cq';
import { parseAction, parseActionsWaiting, parseLeasesChanged, parseResults } from './wire';

const SAMPLES = [
  {
    ...{ v: 1, id: 'a.1', self: '10001', name: 'send_group_msg', lane: 'normal', createdAt: 5, expiresAt: 6 },
    ...{ params: { group_id: '7', message: [{ type: 'text', data: { text: 'x' } }] }, conversation: 'group:default:7' },
    ...{ replyTo: 'worker-1', origin: { plugin: 'ping', event: 'e.1' } },
  },
  {
    v: 1,
    results: [
      { id: 'a.1', self: '10001', outcome: 'sent', data: { message_id: 5 }, reference: { seq: '9' }, endedAt: 7 },
      { id: 'a.2', self: '10001', outcome: 'refused', error: { code: 'ACCOUNT_UNKNOWN', message: 'm' }, endedAt: 7 },
    ],
  },
  { v: 1, accounts: ['10001', '10002'] },
  { v: 1, node: 'worker-1' },
  { v: 1, name: 'account.status', ask: { self: '10001' } },
  { v: 1, name: 'node.logLevel', ask: { level: 'debug' } },
  { v: 1, answer: { self: '10001', pool: 'default', mode: 'forward', state: 'online', reason: 'r', since: 5 } },
  { v: 1, error: { code: 'ACCOUNT_UNKNOWN', message: 'm' } },
].map((sample) => JSON.stringify(sample));

/** What each reader makes of a value; undefined where it refused in the way that it promises. */
const READERS: Readonly<Record<string, (data: unknown) => unknown>> = {
  action: refusing(parseAction),
  results: refusing(parseResults),
  'waiting actions': refusing(parseActionsWaiting),
  leases: refusing(parseLeasesChanged),
  ...Object.fromEntries(APPS.map((app) => [`request of a ${app}`, (data: unknown) => request(app, data)])),
  ...Object.fromEntries(
    Object.keys(CONTROL_REQUESTS).map((name) => [
      `answer to ${name}`,
      refusing((data) => ({ v: 1, answer: parseAnswer(name as RequestName, data) }), true),
    ]),
  ),
};

function refusing(parse: (data: unknown) => unknown, carriesErrors = false) {
  return (data: unknown): unknown => {
    try {
      return parse(data);
    } catch (error) {
      // An answer may be an error of the node that was asked, under its own code.
      if (!(error instanceof RookeryError) || (error.code !== 'ENVELOPE_INVALID' && !carriesErrors)) throw error;
      return undefined;
    }
  };
}

function request(app: (typeof APPS)[number], data: unknown): unknown {
  const parsed = parseRequest(app, data);
  if (!parsed.ok) {
    // It goes into a log line, and back to whoever asked.
    if (parsed.message.length > 2_000) throw new Error(`a refusal of ${parsed.message.length} characters`);
    return undefined;
  }
  return { v: 1, name: parsed.name, ask: parsed.ask };
}

function readAll(data: unknown): number {
  let accepted = 0;
  for (const read of Object.values(READERS)) {
    const value = read(data);
    if (value === undefined) continue;
    accepted += 1;
    // What was taken travels on as JSON, and is taken again for the same.
    expect(read(JSON.parse(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
  }
  return accepted;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

describe('messages between processes, random and mutated', () => {
  it('are taken whole or refused by name, and never anything else', () => {
    expect(SAMPLES.filter((sample) => readAll(JSON.parse(sample)) === 0).map((sample) => sample.slice(0, 30))).toEqual([
      '{"v":1,"error":{"code":"ACCOUN',
    ]);
    let [taken, refused] = [0, 0];
    const property = fc.property(mutated(SAMPLES, JSON_SPLINTERS, JSON_VALUES), (text) => {
      if (readAll(json(text)) > 0) taken += 1;
      else refused += 1;
    });
    fc.assert(property, fuzzing(1_000));
    expect(Math.min(taken, refused)).toBeGreaterThan(5);
  });

  it('of any JSON at all are refused by name', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => expect(readAll(value)).toBe(0));
    fc.assert(property, fuzzing(500));
  });
});

const PIECES = [
  '[CQ:',
  '[CQ:at,qq=',
  ',',
  '=',
  ']',
  '[',
  '&',
  '&amp;',
  '&#91;',
  '&#',
  ';',
  'a',
  ' ',
  '\n',
  '😀',
  '\0',
  '\ud800',
];

describe('CQ strings, random and mutated', () => {
  it('are read, written and read again as the same segments', () => {
    const texts = fc.oneof(
      mutated(
        ['a[CQ:at,qq=10001] b', '[CQ:image,file=a&#44;b.png,url=https://x/?a=1&amp;b=2]', '[CQ:reply,id=5]c'],
        PIECES,
      ),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join('')),
    );
    const property = fc.property(texts, (text) => {
      const written = writeCq(parseCq(text));
      expect(writeCq(parseCq(written))).toBe(written);
      expect(parseCq(written)).toEqual(joined(parseCq(text)));
    });
    fc.assert(property, fuzzing(1_000));
  });

  it('are read in linear time, whatever is repeated in them', () => {
    const motif = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const property = fc.property(motif, fc.constantFrom(...PIECES), (repeated, end) => {
      const text = repeated.repeat(Math.ceil(200_000 / repeated.length)) + end;
      // 200 kB: with quadratic work each takes seconds, all of them minutes, and that runs into the limit of the test.
      expect(parseCq(text).length).toBeLessThan(text.length);
    });
    fc.assert(property, fuzzing(20));
  });
});

/** Neighbouring texts are one when they are written. */
function joined(segments: ReturnType<typeof parseCq>): ReturnType<typeof parseCq> {
  const all: ReturnType<typeof parseCq> = [];
  for (const segment of segments) {
    const last = all.at(-1);
    if (last?.type === 'text' && segment.type === 'text')
      all[all.length - 1] = {
        type: 'text',
        data: { text: `${String(last.data['text'])}${String(segment.data['text'])}` },
      };
    else all.push(segment);
  }
  return all;
}
