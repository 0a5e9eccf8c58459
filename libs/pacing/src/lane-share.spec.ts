import { describe, expect, it } from '@jest/globals';
import { LaneShare } from './lane-share';

type Paced = 'interactive' | 'normal' | 'bulk';

function serve(share: LaneShare, waiting: readonly Paced[], times: number): Paced[] {
  return Array.from({ length: times }, () => {
    const lane = share.order().find((name) => waiting.includes(name));
    if (lane === undefined) throw new Error('nothing waits');
    share.sent(lane);
    return lane;
  });
}

describe('LaneShare', () => {
  it('gives of any 10 sends at least 2 to normal and 1 to bulk while all lanes wait', () => {
    const served = serve(new LaneShare(), ['interactive', 'normal', 'bulk'], 500);
    for (let at = 0; at + 10 <= served.length; at++) {
      const ten = served.slice(at, at + 10);
      expect(ten.filter((lane) => lane === 'normal').length).toBeGreaterThanOrEqual(2);
      expect(ten.filter((lane) => lane === 'bulk').length).toBeGreaterThanOrEqual(1);
    }
    expect(served.filter((lane) => lane === 'interactive').length).toBeGreaterThan(300);
  });

  it('lets a reply go before everything when only broadcasts were sent', () => {
    const share = new LaneShare();
    serve(share, ['bulk'], 1_000);
    expect(serve(share, ['interactive', 'bulk'], 1)).toEqual(['interactive']);
  });

  it.each<[Paced[]]>([[['interactive', 'normal', 'bulk']], [['normal', 'bulk']], [['interactive', 'bulk']]])(
    'lets as many of a lane leave at once as would have left one by one, where %p wait',
    (waiting) => {
      const share = new LaneShare();
      const served: Paced[] = [];
      while (served.length < 200) {
        const lane = share.order().find((name) => waiting.includes(name)) ?? 'normal';
        for (let left = Math.min(4, share.inARow(lane)); left > 0; left--) {
          served.push(lane);
          share.sent(lane);
        }
      }
      expect(served.slice(0, 200)).toEqual(serve(new LaneShare(), waiting, 200));
    },
  );

  it('passes over lanes in which nothing waits', () => {
    expect(new Set(serve(new LaneShare(), ['interactive', 'bulk'], 20))).toEqual(new Set(['interactive', 'bulk']));
    expect(serve(new LaneShare(), ['normal'], 3)).toEqual(['normal', 'normal', 'normal']);
  });
});
