import { expect, it } from '@jest/globals';
import { nodeId, systemClock } from '@rookery/protocol';
import { DeadLetters, type Redis } from '@rookery/redis';
import { withTestRedis } from '@rookery/testing';
import { said, stage } from '../conversation/spec-stage';
import { DispatchStage } from './dispatch-stage';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

it('keeps what finds no room in the mailbox of its conversation as a dead letter, and loses nothing else', async () => {
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log };
  const sut = new DispatchStage({
    builtIn: [],
    sources: [],
    media: { hosts: [], maxBytes: 1 } as never,
    locale: 'en',
    seed: 'seed',
    backing: {} as never,
    prefixes: ['/'],
    fleet: new Set(),
    superusers: [],
    permissions: {},
    partitions: 4,
    redis,
    node: nodeId('worker-1'),
    outbox: { ask: never, post: never },
    clock: systemClock,
    log: log as never,
  });
  const { sut: conversations, end, started } = stage({ clock: systemClock, perConversation: 2 });
  const [running, waiting, surplus] = ['1', '2', '3'].map((seq) => said({ seq }));
  const done = [running, waiting, surplus].map(async (event) => sut.deliver(conversations, event!));
  await done[2];
  const letters = await new DeadLetters(redis).list({}, 10);
  expect(letters).toMatchObject([{ id: surplus?.id, event: surplus, error: { code: 'CONVERSATION_FULL' } }]);
  for (const event of [running, waiting]) {
    while (!started.includes(event!.id)) await new Promise((resolve) => setImmediate(resolve));
    end(event!);
  }
  await Promise.all(done);
  expect(started).toEqual([running?.id, waiting?.id]);
  // What was withdrawn is for the worker that has its envelope next.
  const withdrawn = { deliver: () => Promise.resolve({ result: 'withdrawn' } as const) };
  expect(await sut.deliver(withdrawn, said())).toBe('withdrawn');
  // What cannot be read cannot be kept either: that is up to who has its envelope.
  const unreadable = { deliver: () => ({ result: 'failed', reason: 'ENVELOPE_INVALID' }) as const };
  await expect(sut.deliver(unreadable, said())).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
});

function ignore(): void {}
function never(): never {
  throw new Error('no handler runs here');
}
