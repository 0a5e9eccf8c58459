import { describe, expect, it } from '@jest/globals';
import type { Clock } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { seededRandom } from '../random';
import { GROUP, listen, SELF, stage } from '../testing/stage';
import { spokenText } from '../world/spoken-text';
import type { World } from '../world/world';
import { Chatter } from './chatter';

function talk(rate: number, seed = 1) {
  const { world, clock } = stage(FakeClock);
  const sut = new Chatter({ world, clock, random: seededRandom(seed), rate });
  return { world, clock, sut };
}

const lines = (world: World) =>
  world.directory
    .group(GROUP)
    .chat.history.map((said) => `${said.time} ${said.userId} ${spokenText(world.directory, said)}`);

describe('Chatter', () => {
  it('talks at the wanted rate with varying gaps', () => {
    const { sut, clock, world } = talk(10);
    sut.resume();
    clock.advance(60_000);
    expect(sut.said).toBeGreaterThan(520);
    expect(sut.said).toBeLessThan(680);
    const perSecond = world.directory.group(GROUP).chat.history.map((said) => said.time);
    expect(new Set(perSecond.map((time) => perSecond.filter((other) => other === time).length)).size).toBeGreaterThan(
      3,
    );
  });

  it('begins with a command and mixes text, pictures, mentions and quotes', () => {
    const { sut, clock, world } = talk(10);
    const frames = listen(world, SELF);
    sut.resume();
    clock.advance(30_000);
    const types = new Set(
      frames.flatMap((frame) => (frame['message'] as { type: string }[]).map((segment) => segment.type)),
    );
    expect(String(frames[0]?.['raw_message'])).toMatch(/^\//);
    expect([...types].toSorted()).toEqual(['at', 'face', 'image', 'reply', 'text']);
    expect(frames.every((frame) => frame['post_type'] === 'message')).toBe(true);
  });

  it('tells the same story for the same seed, and another for another', () => {
    const stories = [1, 1, 2].map((seed) => {
      const { sut, clock, world } = talk(5, seed);
      sut.resume();
      clock.advance(20_000);
      return lines(world);
    });
    expect(stories[0]).toEqual(stories[1]);
    expect(stories[0]).not.toEqual(stories[2]);
  });

  it('stops while paused and goes on after', () => {
    const { sut, clock } = talk(10);
    sut.resume();
    sut.resume();
    expect(clock.pending).toBe(1);
    clock.advance(5000);
    sut.pause();
    const before = sut.said;
    clock.advance(60_000);
    expect([sut.said, sut.running, clock.pending]).toEqual([before, false, 0]);
    sut.resume();
    clock.advance(5000);
    expect(sut.said).toBeGreaterThan(before);
  });

  it('is paused by somebody who listens to what is said', () => {
    const { sut, clock, world } = talk(10);
    world.on('said', () => sut.pause());
    sut.resume();
    clock.advance(60_000);
    expect([sut.running, clock.pending]).toEqual([false, 0]);
  });

  it('says nothing at rate 0', () => {
    const { sut, clock } = talk(0);
    sut.resume();
    expect([sut.running, clock.pending]).toEqual([false, 0]);
  });

  it('does not catch up on more than a second after a stall', () => {
    let time = 0;
    let pending = () => {};
    const stalled: Clock = {
      now: () => time,
      monotonic: () => time,
      after: (_ms, call) => {
        pending = call;
        return () => undefined;
      },
    };
    const { world } = stage(FakeClock);
    const sut = new Chatter({ world, clock: stalled, random: seededRandom(1), rate: 100 });
    sut.resume();
    time += 60_000;
    pending();
    expect(sut.said).toBeGreaterThan(50);
    expect(sut.said).toBeLessThan(200);
  });
});
