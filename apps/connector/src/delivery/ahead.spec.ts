import { describe, expect, it } from '@jest/globals';
import type { Candidate } from '@rookery/redis';
import { Ahead } from './ahead';

const LANES = ['interactive', 'normal', 'bulk'] as const;
const DUE = ['bulk', 'interactive', 'normal'] as const;
const candidate = (room: string, more: Partial<Candidate> = {}): Candidate => ({
  ...{ kind: 'found', now: 0, job: `a-${room}`, data: '{}', room, lane: 'normal', actionKind: 'group' },
  ...{ expired: false, tries: 0, ...more },
});
const open = () => false;

describe('Ahead', () => {
  it('hands out in order what was found behind another one, each once', () => {
    const sut = new Ahead();
    sut.keep([candidate('1'), candidate('2')], LANES, 0);
    expect([1, 2, 3].map((now) => sut.take(LANES, [], open, now)?.room)).toEqual(['1', '2', undefined]);
  });

  it('passes over rooms in hand and kinds that are shut, which stay for later', () => {
    const sut = new Ahead();
    sut.keep([candidate('1'), candidate('2', { actionKind: 'file' }), candidate('3')], LANES, 0);
    expect(sut.take(LANES, ['1'], (kind) => kind === 'file', 1)?.room).toBe('3');
    expect(sut.take(LANES, [], open, 2)?.room).toBe('1');
  });

  it('goes on while it is the turn of lanes in which nothing waited', () => {
    const sut = new Ahead();
    sut.keep([candidate('1')], DUE, 0);
    expect(sut.take(DUE, [], open, 1)?.room).toBe('1');
  });

  it.each([
    ['is too old', LANES, 100],
    ['would go before a lane whose turn has come, and into which nobody looked', DUE, 1],
    ['may not be sent in quiet hours', ['interactive'], 1],
    ['may not be sent at all', [], 1],
  ] as const)('forgets what %s', (_, lanes, now) => {
    const sut = new Ahead();
    sut.keep([candidate('1')], LANES, 0);
    expect(sut.take(lanes, [], open, now)).toBeUndefined();
    expect(sut.take(LANES, [], open, 1)).toBeUndefined();
  });

  it('forgets all when told to', () => {
    const sut = new Ahead();
    sut.keep([candidate('1')], LANES, 0);
    sut.clear();
    expect(sut.take(LANES, [], open, 1)).toBeUndefined();
  });
});
