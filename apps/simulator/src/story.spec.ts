import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Fleet } from '@rookery/simulator';
import type { Logger } from '@rookery/telemetry';
import { FakeClock } from '@rookery/testing';
import { Story } from './story';

const [GROUP, LIN, SELF] = ['712345678', '1500000021', '3889000001'];

describe('Story', () => {
  let fleet: Fleet;
  let clock: FakeClock;
  let sut: Story;
  let lines: [Record<string, unknown>, string][];

  beforeEach(async () => {
    clock = new FakeClock();
    fleet = await Fleet.start({ accounts: 1, groups: 1, clock });
    lines = [];
    const logger = { info: (fields: Record<string, unknown>, text: string) => lines.push([fields, text]) };
    sut = new Story(fleet, logger as unknown as Logger);
  });
  afterEach(() => fleet.close());

  it('tells what is said, and marks an answer with an arrow and its latency', () => {
    const asked = fleet.world.say(LIN, { group: GROUP }, '/ping hi');
    clock.advance(40);
    const answer = fleet.world.say(SELF, { group: GROUP }, 'pong hi');
    expect(lines).toEqual([
      [{ seq: asked.seq }, '晚风小组 | Lin: /ping hi'],
      [{ account: SELF, seq: answer.seq, latencyMs: 40 }, '晚风小组 | 小助手 (3889000001) → pong hi'],
    ]);
    expect([sut.said, sut.answered]).toEqual([1, 1]);
  });

  it('names both sides of a private chat', () => {
    fleet.world.say(LIN, { private: SELF }, '在吗');
    expect(lines[0]?.[1]).toBe('Lin & 小助手 | Lin: 在吗');
  });

  it('does not call it an answer’s latency when nobody has asked lately', () => {
    fleet.world.say(LIN, { group: GROUP }, '早');
    clock.advance(60_001);
    fleet.world.say(SELF, { group: GROUP }, '大家好');
    expect(lines[1]?.[0]).not.toHaveProperty('latencyMs');
  });
});
