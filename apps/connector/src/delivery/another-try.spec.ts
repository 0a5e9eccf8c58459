import { describe, expect, it } from '@jest/globals';
import { classify, type CallEnd, type Reply } from '@rookery/onebot';
import { ERRORS, OUTCOMES, type ErrorCode } from '@rookery/protocol';
import { anotherTry, TRIES_MAX } from './another-try';

const reply = (retcode: number, message = ''): CallEnd => {
  const failed: Reply = { status: 'failed', retcode, data: undefined, message, echo: 'x', stream: false };
  return { kind: 'replied', reply: failed };
};
const tryAfter = (action: string, end: CallEnd, before = 0) => anotherTry(classify(action, end), before, () => 0.5);

const successful = { status: 'ok', retcode: 0, data: null, message: '', stream: false } as const;

describe('anotherTry', () => {
  it.each<[string, string, CallEnd]>([
    ['a frame that no socket took', 'send_group_msg', { kind: 'closed', written: false }],
    ['a refused token', 'send_group_msg', reply(1403, 'token验证失败')],
    ['a read that was cut off', 'get_group_list', { kind: 'closed', written: true }],
  ])('follows %s', (_what, action, end) => {
    expect(tryAfter(action, end)).toEqual({ tries: 1, ms: 1_000 });
  });

  it.each<[string, string, CallEnd]>([
    ['a time limit', 'send_group_msg', { kind: 'timed_out' }],
    ['a lost connection', 'send_group_msg', { kind: 'closed', written: true }],
    ['QQ timing out', 'send_group_msg', reply(1200, 'Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg')],
    ['QQ refusing', 'send_group_msg', reply(1200, 'EventChecker Failed EventRet: {"result": 120}')],
    ['an account without network', 'send_group_msg', reply(1200, 'EventChecker Failed EventRet: {"result": 1006514}')],
    ['wrong parameters', 'send_group_msg', reply(1400)],
    ['an unknown action', 'send_group_msg', reply(1404)],
    ['a retcode of another implementation', 'send_group_msg', reply(100)],
    ['a read that times out', 'get_group_list', { kind: 'timed_out' }],
    ['success', 'send_group_msg', { kind: 'replied', reply: { ...successful, echo: 'x' } }],
  ])('does not follow %s', (_what, action, end) => {
    expect(tryAfter(action, end)).toBeUndefined();
  });

  it('never follows an outcome that is unknown, or retcode 1200, whatever the code', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      expect(anotherTry({ outcome: 'unknown', error: { code, message: '' } }, 0, () => 0)).toBeUndefined();
      for (const outcome of OUTCOMES) {
        expect(anotherTry({ outcome, error: { code, message: '', retcode: 1200 } }, 0, () => 0)).toBeUndefined();
      }
    }
  });

  it('waits longer each time, varied by chance, and ends', () => {
    const end = classify('send_group_msg', { kind: 'closed', written: false });
    const waits = (chance: number) => [0, 1, 2].map((before) => anotherTry(end, before, () => chance)?.ms);
    expect(waits(0)).toEqual([750, 3_000, 12_000]);
    expect(waits(1)).toEqual([1_250, 5_000, 20_000]);
    expect(anotherTry(end, TRIES_MAX - 1, () => 0)).toBeUndefined();
  });
});
