import { describe, expect, it } from '@jest/globals';
import type { Event } from '../event';
import { nodeId } from '../ids';
import { EnvelopeDraft } from './envelope-draft';
import { readEnvelope } from './read-envelope';
import { SpareBytes } from './spare-bytes';

const KIB = 1024;
const meta = (id: string, padding = 0) =>
  ({
    ...{ id, type: 'meta', self: '10001', pool: 'default', conversation: 'account:10001', time: 1, receivedAt: 2 },
    ...{ kind: 'heartbeat', online: true, intervalMs: 30_000, raw: { padding: 'x'.repeat(padding) } },
  }) as unknown as Event;

describe('spare buffers', () => {
  it('are written in again by the next envelope, and nothing of the one before is in it or is changed by it', () => {
    const spare = new SpareBytes();
    const draft = (seq: number, ids: readonly string[]) => {
      const opened = new EnvelopeDraft({ partition: 1, node: nodeId('c-1'), seq }, spare);
      for (const id of ids) opened.add(meta(id, 100));
      return opened;
    };
    const long = draft(1, ['one', 'two', 'three']);
    const beside = draft(2, ['four']);
    const first = long.written();
    const short = draft(3, ['five']);
    const written = [first, short.written(), beside.written()];
    const ids = written.map(({ json }) => readEnvelope(Buffer.from(json)).events.map((event) => event.id));
    expect(ids).toEqual([['one', 'two', 'three'], ['five'], ['four']]);
  });

  it('keep their size, so that they need not grow again, and come back empty', () => {
    const spare = new SpareBytes();
    const used = spare.take();
    used.value('x'.repeat(100 * KIB));
    const { room } = used;
    spare.giveBack(used);
    const again = spare.take();
    expect([again.room, again.length, again.bytes.length]).toEqual([room, 0, 0]);
    expect(spare.take().room).toBeLessThan(room);
  });

  it('are let go where one large event has made them grow', () => {
    const spare = new SpareBytes();
    const used = spare.take();
    used.value('x'.repeat(257 * KIB));
    spare.giveBack(used);
    expect(spare.take().room).toBeLessThan(4 * KIB);
  });

  it('are let go beyond 16 MiB in all, which is what remains after a rush', () => {
    const spare = new SpareBytes();
    const rush = Array.from({ length: 100 }, () => spare.take());
    for (const one of rush) {
      one.value('x'.repeat(200 * KIB));
      spare.giveBack(one);
    }
    let kept = 0;
    for (let one = spare.take(); one.room > 100 * KIB; one = spare.take()) kept += one.room;
    expect(kept).toBeGreaterThan(15 * KIB * KIB);
    expect(kept).toBeLessThanOrEqual(16 * KIB * KIB);
  });
});
