import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { useSockets } from '../testing/sockets';
import { Heartbeats } from './heartbeats';

describe('Heartbeats', () => {
  it('beats for thousands with one timer, each once per interval and not all at once', () => {
    const clock = new FakeClock();
    const sut = new Heartbeats(clock, 30_000);
    const beats = new Map<number, number[]>();
    for (let n = 0; n < 2000; n++) {
      beats.set(n, []);
      sut.add({ heartbeat: () => beats.get(n)?.push(clock.monotonic()) });
    }
    expect(clock.pending).toBe(1);
    clock.advance(60_000);
    const all = [...beats.values()];
    expect(all.every(([first = 0, second = 0, ...more]) => second - first === 30_000 && more.length === 0)).toBe(true);
    expect(new Set(all.map(([first]) => first)).size).toBe(16);
    sut.close();
    expect(clock.pending).toBe(0);
  });

  it('has no timer when the interval is 0', () => {
    const clock = new FakeClock();
    new Heartbeats(clock, 0);
    expect(clock.pending).toBe(0);
  });
});

describe('heartbeat frames', () => {
  const sockets = useSockets(FakeClock, 1600);

  it('tell whether QQ holds the login, and go on after a kick', async () => {
    const { client, endpoint } = await sockets.attached();
    sockets.clock.advance(1600);
    endpoint.kick();
    sockets.clock.advance(1600);
    await client.settled();
    const beats = client.frames.filter((frame) => frame['meta_event_type'] === 'heartbeat');
    expect(beats).toEqual(
      [true, false].map((online) => ({
        time: expect.any(Number),
        self_id: 3889000001,
        post_type: 'meta_event',
        meta_event_type: 'heartbeat',
        status: { online, good: true },
        interval: 1600,
      })),
    );
  });

  it('do not come on /api, nor from a frozen endpoint', async () => {
    const { client } = await sockets.attached({}, '/api');
    const universal = await sockets.dial(sockets.host.url('3889000001'));
    await universal.settled();
    const endpoint = sockets.host.endpoint('3889000001');
    endpoint.freeze();
    sockets.clock.advance(1600);
    endpoint.thaw();
    await client.settled();
    await universal.settled();
    sockets.clock.advance(1600);
    await client.settled();
    await universal.settled();
    const beats = (frames: readonly Record<string, unknown>[]) =>
      frames.filter((frame) => frame['meta_event_type'] === 'heartbeat').length;
    expect([beats(client.frames), beats(universal.frames)]).toEqual([0, 1]);
  });
});
