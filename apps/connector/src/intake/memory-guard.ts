import { EventEmitter } from 'node:events';
import { SECOND, type Clock, type WrittenEnvelope } from '@rookery/protocol';
import type { RedisMemory } from '@rookery/redis';
import type { EnvelopeSink } from './partition-buffer';

export interface MemoryGuardEvents {
  /** No envelope is to be begun until `opened`. */
  shut: [];
  opened: [];
  /** Redis has come so near its limit (a share of it) that events are not put into it any more. */
  full: [share: number];
  roomy: [share: number];
}

export interface MemoryGuardOptions {
  readonly sink: EnvelopeSink;
  readonly memory: () => Promise<RedisMemory>;
  readonly clock: Clock;
}

/** What is asked of Redis costs it some 50 µs. */
const LOOK_MS = 2 * SECOND;
/**
 * From here on the memory of Redis belongs to what brings it down again: workers that settle events, actions and their outcomes, leases. A
 * Redis at its limit refuses those too, and nothing moves any more.
 */
const FULL_SHARE = 0.8;
/** Events are put into it again when workers have made that much room. */
const ROOMY_SHARE = 0.75;
/** Of the room that a look has found, before the next one: other connectors see the same room, and an envelope takes more in Redis than on its way. */
const PART = 1 / 4;

/**
 * Stands before the event queues, and keeps their Redis from running full. While it is shut events wait in the buffers of this connector,
 * and when those are full, in NapCat: replies and actions go on until then. A Redis without a limit is never full for it.
 */
export class MemoryGuard extends EventEmitter<MemoryGuardEvents> implements EnvelopeSink {
  #bytesLeft = Number.POSITIVE_INFINITY;
  #isFull = false;
  #isShut = false;
  #stopped = false;
  #cancel = (): void => undefined;

  constructor(private readonly options: MemoryGuardOptions) {
    super();
  }

  start(): Promise<void> {
    return this.#look();
  }

  /** What waits may go from now on: it has no later. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#open();
  }

  publish(envelope: WrittenEnvelope): Promise<void> {
    this.#bytesLeft -= envelope.json.byteLength;
    if (this.#bytesLeft <= 0) this.#shut();
    return this.options.sink.publish(envelope);
  }

  async #look(): Promise<void> {
    try {
      this.#judge(await this.options.memory());
    } catch {
      // A Redis that does not answer takes no events either, and its connection tells of it. What was known holds on.
    }
    if (!this.#stopped) this.#cancel = this.options.clock.after(LOOK_MS, () => void this.#look());
  }

  #judge({ usedBytes, limitBytes }: RedisMemory): void {
    if (this.#stopped) return;
    const share = limitBytes === 0 ? 0 : usedBytes / limitBytes;
    const isFull = share >= (this.#isFull ? ROOMY_SHARE : FULL_SHARE);
    if (isFull !== this.#isFull) this.emit(isFull ? 'full' : 'roomy', share);
    this.#isFull = isFull;
    this.#bytesLeft =
      limitBytes === 0 ? Number.POSITIVE_INFINITY : Math.max(0, FULL_SHARE * limitBytes - usedBytes) * PART;
    if (isFull) this.#shut();
    else this.#open();
  }

  #shut(): void {
    if (this.#isShut || this.#stopped) return;
    this.#isShut = true;
    this.emit('shut');
  }

  #open(): void {
    if (!this.#isShut) return;
    this.#isShut = false;
    this.emit('opened');
  }
}
