import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const MIB = 1024 * 1024;
/** What the heap of a process may grow by before V8 marks all of it. */
const ROOM_BYTES = 64 * MIB;
/** Of a large heap, about as much as V8 gives it by itself. */
const LEAST_PERCENT = 60;
const LOOK_MS = 10_000;

/**
 * Lets garbage grow by so much before the whole heap is looked through. Left to itself, V8 allows a small heap some 20 MB, buffers outside of it included, and a
 * process under load, which has a few megabytes of envelopes on their way, then marks everything more than once a second: a sixth of its CPU. Larger heaps have
 * the room that they would have anyway, so that a connector of thousands of accounts takes no more memory.
 */
export function giveHeapRoom(setFlag: (flag: string) => void = setFlagsFromString): void {
  const look = (): void => setFlag(`--heap-growing-percent=${growingPercent(getHeapStatistics().used_heap_size)}`);
  look();
  setInterval(look, LOOK_MS).unref();
}

export function growingPercent(usedBytes: number): number {
  return Math.max(LEAST_PERCENT, Math.round((100 * ROOM_BYTES) / usedBytes));
}
