import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '@rookery/protocol';
import { callTimeoutMs } from './call-timeout';

const MIB = 1024 * 1024;

describe('callTimeoutMs', () => {
  it.each([
    ['a short text', { message: 'x' }, 0, 20.001],
    ['1 MiB inside the frame', { file: 'x'.repeat(MIB) }, 0, 28.001],
    ['1 MiB that was uploaded', { message: 'x' }, MIB, 28.001],
    ['a limit of NapCat that is longer than ours', { timeout: 90 * SECOND }, 0, 110],
    ['a limit of NapCat that is shorter than ours', { timeout: 1 * SECOND }, 0, 21],
    ['a limit that is none', { timeout: 'x' }, 0, 20.001],
    ['a picture that NapCat fetches first', { data: { file: 'https://a.example/b.png' } }, 0, 80.001],
    ['a limit beyond all reason', { timeout: 1e12 }, 0, 30 * 60],
  ])('waits for %s', (_name, params, mediaBytes, seconds) => {
    expect(callTimeoutMs(params, mediaBytes) / SECOND).toBeCloseTo(seconds, 2);
  });

  it('is always longer than NapCat’s own limit: 10 s and the size at 256 KiB/s, half an hour at most', () => {
    for (const bytes of [0, MIB, 20 * MIB, 2_000 * MIB]) {
      const napcats = Math.min(30 * MINUTE, 10 * SECOND + (bytes / (256 * 1024)) * SECOND);
      expect(callTimeoutMs({}, bytes)).toBeGreaterThanOrEqual(napcats);
    }
  });
});
