import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '@rookery/protocol';
import type { CallEnd } from './calls';
import type { Reply } from './frame';
import { classify } from './outcome';

function replied(over: Partial<Reply>): CallEnd {
  return {
    kind: 'replied',
    reply: { status: 'failed', retcode: 1200, data: null, message: '', echo: 'e', stream: false, ...over },
  };
}

const TIMEOUT =
  'Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg ListenerName:onMsgInfoListUpdate EventRet: {}';

const eventChecker = (result: number) =>
  `EventChecker Failed: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg ListenerName:NodeIKernelMsgListener/onMsgInfoListUpdate EventRet:\n{"result": ${result}, "errMsg": ""}\n`;

describe('classify', () => {
  it('calls an ok reply sent, with its data', () => {
    expect(classify('send_msg', replied({ status: 'ok', retcode: 0, data: { message_id: 5 } }))).toEqual({
      outcome: 'sent',
      data: { message_id: 5 },
    });
  });

  it.each([[null], [undefined]])('calls an ok reply with data %s sent, without data', (data) => {
    expect(classify('send_like', replied({ status: 'ok', retcode: 0, data }))).toEqual({ outcome: 'sent' });
  });

  it.each<[string, CallEnd]>([
    ['a 1200 timeout, which is often delivered', replied({ message: TIMEOUT })],
    ['no reply in time', { kind: 'timed_out' }],
    ['a connection lost after writing', { kind: 'closed', written: true }],
    ['status async', replied({ status: 'async', retcode: 1 })],
    ['retcode 1 with status ok', replied({ status: 'ok', retcode: 1 })],
    ['status ok without retcode', replied({ status: 'ok', retcode: undefined })],
    ['status ok with a failing retcode', replied({ status: 'ok', retcode: 1200 })],
    ['no status', replied({ status: '', retcode: 0 })],
  ])('calls %s unknown', (_case, end) => {
    expect(classify('send_msg', end)).toMatchObject({ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } });
  });

  it('knows that nothing happened when nothing was written', () => {
    expect(classify('send_msg', { kind: 'closed', written: false })).toMatchObject({
      outcome: 'not_sent',
      error: { code: 'LINK_DOWN' },
    });
  });

  it.each<[string, CallEnd]>([
    ['a timeout', { kind: 'timed_out' }],
    ['a 1200 timeout', replied({ message: TIMEOUT })],
  ])('knows that a reading action changed nothing at %s', (_case, end) => {
    expect(classify('get_msg', end)).toMatchObject({ outcome: 'not_sent', error: { code: 'ACTION_NO_REPLY' } });
  });

  it('knows that a reading action changed nothing when its connection was lost, and that another one may answer', () => {
    const cut = classify('get_msg', { kind: 'closed', written: true });
    expect(cut).toMatchObject({ outcome: 'not_sent', error: { code: 'LINK_DOWN' } });
  });

  it.each<[string, Partial<Reply>, ErrorCode]>([
    ['removed from the group', { message: eventChecker(110) }, 'ACTION_NOT_IN_GROUP'],
    ['muted', { message: eventChecker(120) }, 'ACTION_MUTED'],
    ['muted, in words', { message: '你已被禁言' }, 'ACTION_MUTED'],
    ['no network', { message: eventChecker(1006514) }, 'ACTION_ACCOUNT_OFFLINE'],
    ['a stranger', { message: '发送失败，请先添加对方为好友' }, 'ACTION_NOT_FRIEND'],
    ['a forgotten message', { message: '消息不存在' }, 'ACTION_TARGET_NOT_FOUND'],
    ['a recall of a forgotten message', { message: 'Recall failed' }, 'ACTION_TARGET_NOT_FOUND'],
    ['a request that is gone', { message: 'No such request' }, 'ACTION_TARGET_NOT_FOUND'],
    ['a ban of an admin', { message: 'cannot ban admin' }, 'ACTION_NO_PERMISSION'],
    ['a ban of a stranger', { message: 'user not in group' }, 'ACTION_NOT_IN_GROUP'],
    ['a mention of a stranger', { message: 'Error: Get Uid Error' }, 'ACTION_NOT_IN_GROUP'],
    ['a missing right', { message: '权限不足' }, 'ACTION_NO_PERMISSION'],
    ['a file that cannot be fetched', { message: 'rich media transfer failed' }, 'ACTION_MEDIA_FAILED'],
    [
      'a missing packet backend',
      { retcode: 1400, message: 'packetBackend不可用，请参照文档' },
      'ACTION_PACKET_BACKEND_MISSING',
    ],
    [
      'wrong parameters',
      { retcode: 1400, message: 'Schema compilation error: Expected required property' },
      'ACTION_INVALID',
    ],
    [
      'wrong parameters whose text speaks of a right',
      { retcode: 1400, message: 'Key: permission, Message: x' },
      'ACTION_INVALID',
    ],
    ['a wrong token', { retcode: 1403, message: 'token验证失败' }, 'LINK_TOKEN_REFUSED'],
    ['an unknown action', { retcode: 1404, message: '不支持的Api x' }, 'ACTION_NOT_SUPPORTED'],
    ['a text nobody has seen', { message: '某种新的错误' }, 'ACTION_REFUSED'],
    ['another retcode', { retcode: 100, message: 'GROUP_WEIRD' }, 'ACTION_REFUSED'],
    ['no retcode', { retcode: undefined, message: '' }, 'ACTION_REFUSED'],
  ])('knows %s, and keeps the text', (_case, over, code) => {
    const { outcome, error } = classify('send_msg', replied(over));
    expect([outcome, error?.code]).toEqual(['refused', code]);
    expect(error?.message).toContain(over.message === '' ? 'no reason given' : over.message!.split('\n')[0]);
  });

  it('shortens the text and escapes what could forge a log line', () => {
    const { error } = classify('send_msg', replied({ message: `a\n\u202e${'x'.repeat(1000)}` }));
    expect(error?.message).toMatch(/^send_msg: a\\u000a\\u202ex+…$/);
    expect(error?.message.length).toBeLessThan(320);
  });
});
