import { describe, expect, it } from '@jest/globals';
import { decodeFrame, type CallEnd, type EventFrame } from '@rookery/onebot';
import { isBotOffline, isHeartbeat, isLifecycle, loginOf, onlineOf, readSelf } from './frame-facts';

function frame(fields: object): EventFrame {
  const decoded = decodeFrame(JSON.stringify({ post_type: 'meta_event', ...fields }));
  if (decoded.kind !== 'event') throw new Error(`the test’s frame is no event but ${decoded.kind}`);
  return decoded.frame;
}
const replied = (data: unknown, status = 'ok'): CallEnd => ({
  kind: 'replied',
  reply: { status, retcode: 0, data, message: '', echo: 'x', stream: false },
});

describe('facts of a frame', () => {
  it.each([
    [10001, '10001'],
    ['10001', '10001'],
    [-1, undefined],
    [1.5, undefined],
    [2 ** 60, undefined],
    ['1e5', undefined],
    ['', undefined],
    [null, undefined],
    [{}, undefined],
  ])('reads self_id %j as %s', (self, text) => {
    expect(readSelf({ ...frame({}), self_id: self } as EventFrame)).toBe(text);
  });

  it('reads a self_id above 2^53 exactly', () => {
    const decoded = decodeFrame('{"post_type":"notice","self_id":9007199254740993}');
    expect(readSelf((decoded as { frame: EventFrame }).frame)).toBe('9007199254740993');
  });

  it.each([
    [{ meta_event_type: 'lifecycle', sub_type: 'connect' }, true, false],
    [{ meta_event_type: 'lifecycle' }, true, false],
    [{ meta_event_type: 'lifecycle', sub_type: 'disable' }, false, false],
    [{ meta_event_type: 'heartbeat' }, false, true],
    [{ post_type: 'message', meta_event_type: 'lifecycle' }, false, false],
    [{ post_type: 'notice', meta_event_type: 'heartbeat' }, false, false],
  ])('%j: lifecycle %s, heartbeat %s', (fields, lifecycle, heartbeat) => {
    expect([isLifecycle(frame(fields)), isHeartbeat(frame(fields))]).toEqual([lifecycle, heartbeat]);
  });

  it.each([
    [{ online: true }, true],
    [{ online: false }, false],
    [{ online: 'false' }, undefined],
    [{}, undefined],
    [null, undefined],
    ['online', undefined],
  ])('reads online of %j as %s', (status, online) => {
    expect(onlineOf(status)).toBe(online);
  });

  it.each([
    [{ post_type: 'notice', notice_type: 'bot_offline', tag: '下线', message: 'kicked\n' }, '下线: kicked\\u000a'],
    [{ post_type: 'notice', notice_type: 'bot_offline' }, ''],
    [{ post_type: 'notice', notice_type: 'group_ban' }, undefined],
    [{ post_type: 'message', notice_type: 'bot_offline' }, undefined],
  ])('reads the kick of %j as %j', (fields, note) => {
    expect(isBotOffline(frame(fields))).toBe(note);
  });

  it.each<[CallEnd, string | undefined]>([
    [replied({ user_id: 10001, nickname: 'x' }), '10001'],
    [replied({ user_id: '10001' }), '10001'],
    [replied({ user_id: 'me' }), undefined],
    [replied(undefined), undefined],
    [replied({ user_id: 10001 }, 'failed'), undefined],
    [{ kind: 'timed_out' }, undefined],
    [{ kind: 'closed', written: true }, undefined],
  ])('reads the login of %j as %s', (end, login) => {
    expect(loginOf(end)).toBe(login);
  });
});
