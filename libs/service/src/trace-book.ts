import { SECOND, toError, type Clock, type EventId, type NodeId, type SelfId } from '@rookery/protocol';
import { TraceLog, type Redis, type TraceRecord, type TraceStep } from '@rookery/redis';
import type { Service } from './service';
import { spanExport } from './span-export';

export interface TraceBookOptions {
  readonly node: NodeId;
  readonly clock: Clock;
  /** Records of a second; what comes on top is not kept. 0: none at all. */
  readonly perSecond: number;
  readonly append: (records: readonly TraceRecord[]) => Promise<void>;
  /** Nothing is appended any more. */
  readonly close?: () => Promise<void>;
  readonly onTrouble: (error: Error) => void;
}

/** Events that are open at a time; an event that never ends must not stay for ever. */
const OPEN_MAX = 10_000;
const FLUSH_MS = SECOND;

/**
 * Gathers what this node does with events and writes it to the ring of traces, all of a second in one call. What is over the
 * budget of that second is left out: traces are a help, and must never cost what they are to explain.
 */
export class TraceBook {
  readonly #open = new Map<EventId, { readonly self: SelfId; readonly steps: TraceStep[] }>();
  /** Records of this second, also those that were only begun. */
  #taken = 0;
  #waiting: TraceRecord[] = [];
  #cancel: (() => void) | undefined;

  constructor(private readonly options: TraceBookOptions) {}

  /** Whether anybody wants traces; when not, nothing needs to be told. */
  get isOn(): boolean {
    return this.options.perSecond > 0;
  }

  /** The budget of this second is not used up. Where it is, nothing needs to be told either. */
  get hasRoom(): boolean {
    return this.#taken < this.options.perSecond;
  }

  /** Half of the budget is still free: there is room for what nobody asks for much. */
  get isIdle(): boolean {
    return this.#taken < this.options.perSecond / 2;
  }

  /** Its record was begun, and more is to be told of it. */
  isOpen(event: EventId): boolean {
    return this.#open.has(event);
  }

  /** Begins the record of an event; without effect for one that is open. What is begun is kept, whenever it ends. */
  begin(event: EventId, self: SelfId, first: readonly TraceStep[]): void {
    if (!this.hasRoom || this.#open.has(event) || this.#open.size >= OPEN_MAX) return;
    this.#open.set(event, { self, steps: [...first] });
    this.#take();
  }

  /** Adds to the record of an open event; others are passed over. */
  add(event: EventId, step: TraceStep): void {
    this.#open.get(event)?.steps.push(step);
  }

  /** The record is complete. */
  end(event: EventId, last: TraceStep): void {
    const open = this.#open.get(event);
    if (open === undefined) return;
    this.#open.delete(event);
    open.steps.push(last);
    this.#write(event, open.self, open.steps);
  }

  /** A record of its own. */
  tell(event: EventId, self: SelfId, steps: readonly TraceStep[]): void {
    if (!this.hasRoom) return;
    this.#take();
    this.#write(event, self, steps);
  }

  #take(): void {
    this.#taken += 1;
    this.#flushLater();
  }

  #write(event: EventId, self: SelfId, steps: readonly TraceStep[]): void {
    this.#waiting.push({ v: 1, event, node: this.options.node, self, steps });
    this.#flushLater();
  }

  #flushLater(): void {
    this.#cancel ??= this.options.clock.after(FLUSH_MS, () => void this.flush());
  }

  /** Writes what waits. What Redis does not take is lost. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#taken = 0;
    const records = this.#waiting;
    this.#waiting = [];
    if (records.length === 0) return;
    try {
      await this.options.append(records);
    } catch (thrown) {
      this.options.onTrouble(toError(thrown));
    }
  }

  /** Writes what waits, and takes nothing more. */
  async close(): Promise<void> {
    await this.flush();
    await this.options.close?.();
  }
}

/** The book of this process, as the configuration wants it. To be closed before Redis is. */
export function openTraceBook(service: Service, redis: Redis): TraceBook {
  const { node, clock, config } = service;
  const log = new TraceLog(redis);
  const spans = spanExport(service);
  return new TraceBook({
    node,
    clock,
    perSecond: config.trace.perSecond,
    append: async (records) => {
      await spans?.take(records);
      await log.append(records);
    },
    close: async () => spans?.close(),
    onTrouble: service.redisTrouble('main'),
  });
}
