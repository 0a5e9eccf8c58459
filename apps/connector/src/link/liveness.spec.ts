import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { LINK_LIMITS } from './limits';
import { Liveness } from './liveness';

function watched() {
  const clock = new FakeClock();
  const dead: [string, number][] = [];
  const probes: ((isGood: boolean) => void)[] = [];
  let pings = 0;
  let isAnswering = true;
  const sut: Liveness = new Liveness({
    clock,
    limits: LINK_LIMITS,
    ping: () => {
      pings += 1;
      if (isAnswering) sut.sign();
    },
    probe: () => new Promise((resolve) => probes.push(resolve)),
    onDead: (signal) => dead.push([signal, clock.monotonic()]),
  });
  sut.start();
  const mute = () => (isAnswering = false);
  return { sut, clock, dead, probes, mute, pings: () => pings };
}

describe('Liveness', () => {
  it('pings every 15 s and is content with answers', () => {
    const { clock, dead, pings } = watched();
    clock.advance(600_000);
    expect([pings(), dead]).toEqual([40, []]);
  });

  it.each([0, 1, 7_500, 14_999])('notices a peer that falls silent %i ms after a ping within 45 s', (ms) => {
    const { clock, dead, mute } = watched();
    clock.advance(30_000 + ms);
    mute();
    clock.advance(45_000);
    expect(dead).toEqual([['no_pong', 75_000]]);
    expect(clock.pending).toBe(0);
  });

  it('takes any frame as a sign of life', () => {
    const { sut, clock, dead, mute } = watched();
    mute();
    for (let i = 0; i < 20; i++) {
      clock.advance(20_000);
      sut.sign();
    }
    expect(dead).toEqual([]);
  });

  it('expects no heartbeat before one was seen, nor after one that says there are none', async () => {
    const { sut, clock, probes } = watched();
    await clock.advanceAsync(600_000);
    sut.beat(0);
    await clock.advanceAsync(600_000);
    expect(probes).toHaveLength(0);
  });

  it('asks for the status when the heartbeat is older than 2.5 intervals, and gives up when no good answer comes', async () => {
    const { sut, clock, dead, probes } = watched();
    sut.beat(30_000);
    await clock.advanceAsync(75_000);
    expect(probes).toHaveLength(0);
    await clock.advanceAsync(15_000);
    expect(probes).toHaveLength(1);
    await clock.advanceAsync(15_000); // asked once, not at every ping
    expect([probes.length, dead.length]).toEqual([1, 0]);
    probes[0]?.(false);
    await clock.advanceAsync(0);
    expect(dead).toEqual([['no_heartbeat', 105_000]]);
    expect(clock.pending).toBe(0);
  });

  it('keeps a peer whose heartbeats fail alone, and asks again later', async () => {
    const { sut, clock, dead, probes } = watched();
    sut.beat('not a number'); // the default of 30 s is assumed
    await clock.advanceAsync(90_000);
    probes[0]?.(true);
    await clock.advanceAsync(75_000);
    expect([probes.length, dead.length]).toEqual([1, 0]);
    await clock.advanceAsync(15_000);
    expect([probes.length, dead.length]).toEqual([2, 0]);
  });

  it('judges nothing while reading is paused, and starts anew afterwards', async () => {
    const { sut, clock, dead, probes, mute } = watched();
    sut.beat(30_000);
    mute();
    sut.suspend();
    await clock.advanceAsync(600_000);
    expect([probes.length, dead.length]).toEqual([0, 0]);
    sut.resume();
    await clock.advanceAsync(30_000);
    expect([probes.length, dead.length]).toEqual([0, 0]);
    await clock.advanceAsync(15_000);
    expect(dead).toEqual([['no_pong', 645_000]]);
  });

  it('does not trust a question that a pause or the end overtook', async () => {
    const { sut, clock, dead, probes } = watched();
    sut.beat(30_000);
    await clock.advanceAsync(90_000);
    sut.suspend();
    probes[0]?.(false);
    await clock.advanceAsync(0);
    sut.resume();
    await clock.advanceAsync(90_000);
    expect([probes.length, dead.length]).toEqual([2, 0]);
    sut.stop();
    probes[1]?.(false);
    await clock.advanceAsync(600_000);
    expect([dead.length, clock.pending]).toEqual([0, 0]);
  });
});
