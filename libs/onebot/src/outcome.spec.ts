import { describe, expect, it } from '@jest/globals';
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
});
