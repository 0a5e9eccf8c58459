import { describe, expect, it } from '@jest/globals';
import { isDecimalId, poolName, selfId, type Event } from '@rookery/protocol';
import { fuzzing, JSON_SPLINTERS, JSON_VALUES, mutated } from '@rookery/testing';
import fc from 'fast-check';
import { classify } from './outcome';
import { decodeFrame, type DecodedFrame } from './frame';
import { normalizeEvent } from './normalize';
import { Ordinals } from './ordinals';
import { EVENTS } from './spec-frames';

/** Together 100,000 cases, more with ROOKERY_TEST_FUZZ; a failure prints its seed. */
const RUNS = { mutated: 60_000, text: 20_000, objects: 20_000 };

const SELF = selfId('3889000001');
const ordinals = new Ordinals();
const READER = {
  self: SELF,
  pool: poolName('p'),
  receivedAt: 1_786_700_100_000,
  ordinal: (key: string) => ordinals.next(key),
};

const optional = (value: unknown, type: string) => value === undefined || typeof value === type;
const optionalId = (value: unknown) =>
  value === undefined || (typeof value === 'string' && isDecimalId(value) && value !== '0');

/** What an event promises by its type, checked without the code that made it. Returns the first broken promise. */
function brokenPromise(event: Event): string | undefined {
  if (!/^[\x21-\x39\x3b-\x7e]{1,200}$/.test(event.id)) return 'id';
  if (event.self !== SELF || event.pool !== 'p') return 'self';
  if (!/^(?:group|private|guild|account):[^\n]+$/.test(event.conversation)) return 'conversation';
  if (!Number.isSafeInteger(event.time) || event.time < 0) return 'time';
  JSON.stringify(event);
  switch (event.type) {
    case 'message':
      return brokenMessage(event);
    case 'notice': {
      const ids = [event.groupId, event.userId, event.operatorId, event.targetId].every(optionalId);
      return ids && optional(event.subType, 'string') && optional(event.messageId, 'string') ? undefined : 'notice';
    }
    case 'request':
      return isDecimalId(event.userId) &&
        typeof event.flag === 'string' &&
        event.flag !== '' &&
        typeof event.comment === 'string'
        ? undefined
        : 'request';
    case 'meta':
      if (event.kind === 'lifecycle')
        return ['connect', 'enable', 'disable'].includes(event.subType) ? undefined : 'lifecycle';
      return typeof event.online === 'boolean' && event.intervalMs >= 0 ? undefined : 'heartbeat';
    case 'unknown':
      return typeof event.kind === 'string' && event.kind.length <= 64 && typeof event.raw === 'object'
        ? undefined
        : 'unknown';
  }
}

function brokenMessage(event: Extract<Event, { type: 'message' }>): string | undefined {
  const { scene, sender, segments, text } = event;
  if (scene.kind === 'group' && !(isDecimalId(scene.groupId) && scene.groupId !== '0')) return 'group';
  if (scene.kind === 'private' && !isDecimalId(scene.userId)) return 'peer';
  if (scene.kind === 'guild' && !(typeof scene.guildId === 'string' && typeof scene.channelId === 'string'))
    return 'guild';
  if (!isDecimalId(sender.userId) || typeof sender.nickname !== 'string' || typeof sender.card !== 'string')
    return 'sender';
  if (typeof text !== 'string' || typeof event.own !== 'boolean' || typeof event.subType !== 'string') return 'text';
  if (event.seq !== undefined && !isDecimalId(event.seq)) return 'seq';
  const good = segments.every(({ type, data }) => {
    if (typeof type !== 'string' || type === '' || typeof data !== 'object' || data === null || Array.isArray(data))
      return false;
    if (type === 'text') return typeof data['text'] === 'string';
    if (type === 'at') return typeof data['qq'] === 'string';
    return type !== 'reply' || typeof data['id'] === 'string' || typeof data['seq'] === 'string';
  });
  return good && segments.length <= 500 ? undefined : 'segments';
}

/** The whole way of a frame. Throws only when the codec does. */
function run(data: string | Buffer): string | undefined {
  const decoded = decodeFrame(data);
  switch (decoded.kind) {
    case 'rejected':
      return decoded.sample.length <= 200 && !/\p{Cc}/u.test(decoded.sample) ? undefined : 'sample';
    case 'reply':
      classify('send_msg', { kind: 'replied', reply: decoded.reply });
      return undefined;
    case 'event': {
      const normalized = normalizeEvent(decoded.frame, READER);
      return normalized.ok ? brokenPromise(normalized.event) : undefined;
    }
  }
}

const REPLIES = [
  '{"status":"ok","retcode":0,"data":{"message_id":5},"message":"","wording":"","echo":"e.1","stream":"normal-action"}',
  '{"status":"failed","retcode":1200,"data":null,"message":"消息不存在","wording":"消息不存在","echo":"e.2"}',
];
const frames = [...EVENTS.map((entry) => JSON.stringify(entry.example)), ...REPLIES];
const mutatedFrames = mutated(frames, JSON_SPLINTERS, JSON_VALUES);

const KEYS = [
  'post_type',
  'message_type',
  'notice_type',
  'request_type',
  'meta_event_type',
  'sub_type',
  'self_id',
  'user_id',
  'group_id',
  'message_id',
  'message',
  'time',
  'sender',
  'flag',
  'status',
  'echo',
];
const WORDS = [
  'message',
  'message_sent',
  'notice',
  'request',
  'meta_event',
  'group',
  'private',
  'guild',
  'notify',
  'poke',
  'group_ban',
  'friend',
  'add',
  'lifecycle',
  'heartbeat',
  'connect',
  3889000001,
  1,
];
const objects = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.oneof(fc.constantFrom<unknown>(...WORDS), fc.jsonValue({ maxDepth: 3 })),
);

/** Runs the cases; the details hold seed and counterexample when one fails. */
function fuzz(arbitrary: fc.Arbitrary<string | Buffer>, numRuns: number) {
  const property = fc.property(arbitrary, (data) => {
    const broken = run(data);
    if (broken !== undefined) throw new Error(`an event broke the promise of its ${broken}`);
  });
  const { failed, seed, counterexample, errorInstance } = fc.check(property, fuzzing(numRuns));
  return failed ? { failed, seed, counterexample, errorInstance } : { failed };
}

/** Samples differ in their white space. */
function withoutSample(decoded: DecodedFrame): object {
  return decoded.kind === 'rejected' ? { kind: decoded.kind, reason: decoded.reason } : decoded;
}

const PASSED = { failed: false };
const LIMIT_MS = 60_000;

describe('the codec under fuzzing', () => {
  it(
    'survives mutated real frames and never yields a wrong-typed event',
    () => {
      expect(fuzz(mutatedFrames, RUNS.mutated)).toEqual(PASSED);
    },
    LIMIT_MS,
  );

  it(
    'survives any text and any bytes',
    () => {
      const bytes = fc.uint8Array().map((array) => Buffer.from(array));
      expect(fuzz(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), bytes), RUNS.text)).toEqual(PASSED);
    },
    LIMIT_MS,
  );

  it(
    'survives frames that look right by their keys',
    () => {
      const lookalikes = objects.map((frame) =>
        JSON.stringify({ self_id: 3889000001, post_type: 'message', ...frame }),
      );
      expect(fuzz(lookalikes, RUNS.objects)).toEqual(PASSED);
    },
    LIMIT_MS,
  );

  it('reads a frame alike with the short look and with the whole scan', () => {
    const numbers = fc.stringMatching(/^-?(?:0|[1-9][0-9]{0,20})(?:\.[0-9]{1,3})?(?:[eE][+-]?[0-9]{1,2})?$/);
    const spiced = fc
      .tuple(numbers, fc.constantFrom('', ' ', '\n'), mutatedFrames)
      .map(([number, space, frame]) =>
        frame.replace('{', `{"a":[${number}${space},${space}${number}],"b":${space}${number}${space},`),
      );
    const property = fc.property(spiced, (frame) => {
      // Long frames are always scanned; white space behind a frame changes nothing else.
      expect(decodeFrame(frame + ' '.repeat(70_000))).toMatchObject(withoutSample(decodeFrame(frame)));
    });
    expect(fc.check(property, { numRuns: 500 })).toMatchObject(PASSED);
  });

  it('lets most mutated frames through to the normaliser, so that the fuzzing means something', () => {
    const kinds = fc.sample(mutatedFrames, 2000).map((frame) => decodeFrame(frame).kind);
    expect(kinds.filter((kind) => kind === 'event').length).toBeGreaterThan(400);
    expect(Object.values(RUNS).reduce((sum, runs) => sum + runs, 0)).toBe(100_000);
  });
});
