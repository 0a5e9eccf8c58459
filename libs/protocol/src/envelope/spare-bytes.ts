import { ENVELOPE_MAX_BYTES } from './envelope';
import { JsonBytes } from './json-bytes';

/** Most that is kept, in bytes of buffers. A connector that was as busy as it can be with 2,000 accounts had 9 MiB of buffers in all. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Buffers that were written in and may be written in again. An envelope that is open for some tenths of a second outlives two collections of young garbage, and
 * its buffers, with the smaller ones from which they grew, then stay until the whole heap is looked through, which comes the sooner the more of them there are.
 */
export class SpareBytes {
  readonly #spare: JsonBytes[] = [];
  #bytes = 0;

  /** Empty. The one that came back last, which the caches of the processor still know. */
  take(): JsonBytes {
    const spare = this.#spare.pop();
    if (spare === undefined) return new JsonBytes();
    this.#bytes -= spare.room;
    spare.length = 0;
    return spare;
  }

  /** Nobody may use it, or a view of its bytes, afterwards. What has more room than a whole envelope needs, as after one large event, is let go. */
  giveBack(used: JsonBytes): void {
    if (used.room > ENVELOPE_MAX_BYTES || this.#bytes + used.room > MOST_BYTES) return;
    this.#bytes += used.room;
    this.#spare.push(used);
  }
}
