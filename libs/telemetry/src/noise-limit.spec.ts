import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { NoiseLimit } from './noise-limit';

describe('NoiseLimit', () => {
  it('lets one line per kind and minute through and tells how many it held back', () => {
    const clock = new FakeClock();
    const sut = new NoiseLimit(clock);
    const lines: string[] = [];
    const say = (kind: string) => sut.pass(kind, (suppressed) => lines.push(`${kind}+${suppressed}`));
    for (let n = 0; n < 1_000; n++) say('json');
    say('shape');
    clock.advance(60_000);
    say('json');
    expect(lines).toEqual(['json+0', 'shape+0', 'json+999']);
  });
});
