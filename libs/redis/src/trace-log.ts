import { eventId, nodeId, selfId, type EventId, type NodeId, type SelfId } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';

/** What one node has to tell of one event. Times are milliseconds since 1970. No text of a message is ever in it. */
export interface TraceRecord {
  readonly v: 1;
  readonly event: EventId;
  readonly node: NodeId;
  readonly self: SelfId;
  readonly steps: readonly TraceStep[];
}

export interface TraceStep {
  readonly at: number;
  /**
   * `read` from the socket, `taken` from the queue by a worker, `ran` a handler to its end, `asked` for an action, `settled`, and
   * of an action `ended`.
   */
  readonly stage: 'read' | 'taken' | 'ran' | 'asked' | 'settled' | 'ended';
  /** Plugin and handler, action and lane, result and reason. */
  readonly what: string;
  /** How long it took, milliseconds. */
  readonly tookMs?: number;
  /** Of what: plugin and handler, or the name of an action. */
  readonly name?: string;
  /** Id of the action. */
  readonly action?: string;
  /** Code of the error that it ended with. */
  readonly error?: string;
}

const stored = z.object({
  v: z.literal(1),
  event: z.string().transform(eventId),
  node: z.string().transform(nodeId),
  self: z.string().transform(selfId),
  steps: z.array(
    z.object({
      at: z.number(),
      stage: z.enum(['read', 'taken', 'ran', 'asked', 'settled', 'ended']),
      what: z.string(),
      tookMs: z.exactOptional(z.number()),
      name: z.exactOptional(z.string()),
      action: z.exactOptional(z.string()),
      error: z.exactOptional(z.string()),
    }),
  ),
});

/** Records that are kept, of all nodes together: some 10 MB at most. */
const KEPT = 20_000;
const KEPT_S = 24 * 60 * 60;
const PAGE = 1_000;

/** The ring of trace records, one for the cluster. */
export class TraceLog {
  constructor(private readonly redis: Redis) {}

  /** All in one call. Rejects when Redis is away; some of them may have been kept all the same. */
  async append(records: readonly TraceRecord[]): Promise<void> {
    const key = keys.trace();
    const pipeline = this.redis.pipeline();
    for (const record of records)
      pipeline.xadd(key, 'MAXLEN', '~', KEPT, '*', 'e', record.event, 'r', JSON.stringify(record));
    pipeline.expire(key, KEPT_S);
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }

  /** What is known of an event, in the order in which it was written; empty where nothing is, or not any more. */
  async find(event: EventId): Promise<readonly TraceRecord[]> {
    const found: TraceRecord[] = [];
    for (let end = '+'; ;) {
      const page = await this.redis.xrevrange(keys.trace(), end, '-', 'COUNT', PAGE);
      for (const [, fields] of page) if (fields[1] === event) found.push(stored.parse(JSON.parse(fields[3] ?? '')));
      const last = page.at(-1)?.[0];
      if (page.length < PAGE || last === undefined) return found.reverse();
      end = `(${last}`;
    }
  }

  /** The events that were traced last, newest first. */
  async latest(count: number): Promise<readonly EventId[]> {
    const page = await this.redis.xrevrange(keys.trace(), '+', '-', 'COUNT', count * 4);
    return [...new Set(page.map(([, fields]) => eventId(fields[1] ?? '')))].slice(0, count);
  }
}
