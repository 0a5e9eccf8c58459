import { describe, expect, it } from '@jest/globals';
import { NOTICES } from './notice-table';
import { Ordinals } from './ordinals';
import { ARRIVED, event, EVENTS, example, fixture, normalize, SELF } from './spec-frames';
import { EVENT_REJECTIONS, type EventRejection } from './values';

/** What every example of the fact table must become. An entry without a line there fails. */
const EXPECTED = fixture('normalized.json') as Record<string, Record<string, unknown>>;

describe('normalizeEvent', () => {
  it('has an expectation for every event of the fact table, and no other', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(EVENTS.map((entry) => entry.id).sort());
    expect(EVENTS).toHaveLength(43);
  });

  it('knows every kind of notice of the fact table, and no other', () => {
    const kinds = EVENTS.filter((entry) => entry.post_type === 'notice').map((entry) =>
      entry.detail_type === 'notify' ? `notify.${String(entry.example['sub_type'])}` : entry.detail_type,
    );
    expect(Object.keys(NOTICES).sort()).toEqual([...new Set(kinds)].sort());
  });

  it.each(EVENTS.map((entry) => [entry.id, entry.example] as const))('normalizes %s', (id, frame) => {
    const expected = EXPECTED[id]!;
    const got = event(frame);
    expect(got).toMatchObject({
      self: SELF,
      pool: 'night',
      receivedAt: ARRIVED,
      ...expected,
    });
    expect(got.time).toBe(Number(frame['time']) * 1000);
    expect(got.id).toMatch(/^[\x21-\x39\x3b-\x7e]{1,200}$/);
    expect(got.raw).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, EventRejection]>([
    ['another account', { ...example('message.group.normal'), self_id: 3889000002 }, 'self_id'],
    ['no self_id', { ...example('message.group.normal'), self_id: undefined }, 'self_id'],
    ['a negative self_id', { ...example('meta_event.heartbeat'), self_id: -3889000001 }, 'self_id'],
    ['group_id 0', { ...example('message.group.normal'), group_id: 0 }, 'shape'],
    ['group_id 0 in a notice of a group', { ...example('notice.group_ban'), group_id: 0 }, 'shape'],
    ['no group_id', { ...example('message.group.normal'), group_id: undefined }, 'shape'],
    ['no group_id in a group request', { ...example('request.group.add'), group_id: null }, 'shape'],
    ['no message_type', { ...example('message.group.normal'), message_type: undefined }, 'shape'],
    ['no notice_type', { ...example('notice.group_ban'), notice_type: 7 }, 'shape'],
    ['no request_type', { ...example('request.friend'), request_type: undefined }, 'shape'],
    ['no meta_event_type', { ...example('meta_event.heartbeat'), meta_event_type: null }, 'shape'],
    ['no flag', { ...example('request.friend'), flag: '' }, 'shape'],
    ['no user_id', { ...example('message.group.normal'), user_id: undefined }, 'shape'],
    ['status.online that is no boolean', { ...example('meta_event.heartbeat'), status: { online: 'yes' } }, 'shape'],
    ['a negative user_id', { ...example('message.group.normal'), user_id: -5 }, 'id'],
    ['a fractional group_id', { ...example('message.group.normal'), group_id: 1.5 }, 'id'],
    ['an object as operator_id', { ...example('notice.group_increase'), operator_id: {} }, 'id'],
    ['user_id with a leading zero', { ...example('message.group.normal'), user_id: '01500000021' }, 'id'],
    ['a fractional message_id', { ...example('message.group.normal'), message_id: 1.5 }, 'id'],
    ['a message_id of 201 characters', { ...example('message.group.normal'), message_id: 'x'.repeat(201) }, 'id'],
    ['an empty guild_id', { ...example('message.guild.channel'), guild_id: '' }, 'id'],
    ['a guild notice without channel', { ...example('notice.guild.channel_created'), channel_id: undefined }, 'id'],
    ['a message object', { ...example('message.group.normal'), message: { type: 'text' } }, 'message'],
    ['no message', { ...example('message.group.normal'), message: undefined }, 'message'],
    [
      '501 codes in a string message',
      { ...example('message.group.normal'), message: '[CQ:at,qq=1]'.repeat(501) },
      'segments',
    ],
  ])('rejects %s', (_case, frame, reason) => {
    const normalized = normalize(frame);
    expect(normalized).toMatchObject({ ok: false, reason });
  });

  it('has no reason beyond the tested ones', () => {
    expect(EVENT_REJECTIONS).toEqual(['shape', 'self_id', 'id', 'message', 'segments']);
  });

  it('refuses an id written with an exponent, which would pass for another id', () => {
    const text = JSON.stringify(example('message.group.normal')).replace('"user_id":1500000021', '"user_id":15e8');
    expect(normalize(text)).toMatchObject({ ok: false, reason: 'id' });
  });

  it('keeps ids beyond 2^53 exactly, written as number or as text', () => {
    const text = JSON.stringify(example('message.group.normal')).replaceAll('1500000021', '9007199254740993');
    expect(event(text)).toMatchObject({ sender: { userId: '9007199254740993' } });
    expect(
      event({ ...example('message.group.normal'), user_id: '9007199254740993', self_id: '3889000001' }),
    ).toMatchObject({
      sender: { userId: '9007199254740993' },
      self: '3889000001',
    });
  });

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['in milliseconds', 1_786_700_000_000],
    ['in 2099', 4_070_908_800],
    ['negative', -1],
    ['no number', 'soon'],
    ['before QQ groups', 1_000_000],
  ])('uses the time of arrival when the time is %s, and says so', (_case, time) => {
    const normalized = normalize({ ...example('message.group.normal'), time });
    expect(normalized).toMatchObject({ ok: true, timeReplaced: true, event: { time: ARRIVED } });
  });

  it('accepts the time as text', () => {
    expect(normalize({ ...example('message.group.normal'), time: '1786700010' })).toMatchObject({
      timeReplaced: false,
      event: { time: 1_786_700_010_000 },
    });
  });

  it('keeps two equal pokes in one second apart, and counts alike on two connections', () => {
    const poke = example('notice.notify.poke.group');
    const first = new Ordinals();
    const second = new Ordinals();
    const ids = (ordinals: Ordinals) => [1, 2].map(() => event(poke, { ordinal: (key) => ordinals.next(key) }).id);
    const [one, two] = ids(first);
    expect(one).not.toBe(two);
    expect(ids(second)).toEqual([one, two]);
  });

  it('does not care for the order of keys in the id of a notice', () => {
    const poke = example('notice.notify.poke.group');
    expect(event(Object.fromEntries(Object.entries(poke).toReversed())).id).toBe(event(poke).id);
  });

  it('gives one request with one flag one id, whatever the flag holds', () => {
    const flag = `\u0000\n:${'f'.repeat(5000)}`;
    const request = { ...example('request.friend'), flag };
    expect(event(request)).toMatchObject({ flag, id: event({ ...request, comment: 'again', time: 1_786_700_099 }).id });
    expect(event(request).id).not.toBe(event({ ...request, user_id: 1500000022 }).id);
    expect(event(request).id).toMatch(/^r\.3889000001\.friend\.1500000021\.[\w-]{16}$/);
    expect(event({ ...example('request.friend'), flag: 1786700039 })).toMatchObject({ flag: '1786700039' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['post_type', { post_type: 'weather', self_id: 3889000001, wind: 3 }, 'weather'],
    ['message_type', { ...example('message.group.normal'), message_type: 'thread' }, 'message.thread.normal'],
    ['notice', { ...example('notice.group_ban'), notice_type: 'group_dance' }, 'notice.group_dance.ban'],
    ['notify', { ...example('notice.notify.title'), sub_type: 'constructor' }, 'notice.notify.constructor'],
    ['request', { ...example('request.group.add'), sub_type: 'sell' }, 'request.group.sell'],
    ['kind of request', { ...example('request.friend'), request_type: 'pet' }, 'request.pet'],
    ['meta event', { ...example('meta_event.heartbeat'), meta_event_type: 'yawn' }, 'meta_event.yawn'],
    ['lifecycle', { ...example('meta_event.lifecycle'), sub_type: 'sleep' }, 'meta_event.lifecycle.sleep'],
  ])('carries an unknown %s whole', (_case, frame, kind) => {
    expect(event(frame)).toMatchObject({ type: 'unknown', kind, raw: JSON.parse(JSON.stringify(frame)) });
  });

  it.each(['notice.group_ban', 'message.group.normal'])('carries the frame of %s only when told to', (id) => {
    expect(event(example(id), { keepRaw: true }).raw).toEqual(example(id));
  });
});

describe('Ordinals', () => {
  it('counts each key for itself and forgets the oldest beyond its bound', () => {
    const sut = new Ordinals(2);
    expect([sut.next('a'), sut.next('b'), sut.next('a')]).toEqual([0, 0, 1]);
    sut.next('c');
    expect([sut.next('a'), sut.next('b')]).toEqual([2, 0]);
  });
});
