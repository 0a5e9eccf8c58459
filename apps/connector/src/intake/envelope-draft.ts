import { ENVELOPE_MAX_BYTES, ENVELOPE_MAX_EVENTS, type Event, type WrittenEnvelope } from '@rookery/protocol';

/** Bytes of a draft's first buffer: enough for a few short messages. */
const FIRST_BYTES = 4 * 1024;
/** A UTF-16 unit takes no more bytes than that. */
const BYTES_PER_UNIT = 3;
/** From here on the exact length is worth knowing: room for the worst case would be megabytes. */
const LONG_EVENT = 16 * 1024;
const END = ']}';

/**
 * An envelope that is still open. Events are written the moment they come: what waits for Redis is bytes outside the heap, not
 * thousands of objects that the garbage collector copies around, and nothing is encoded a second time on its way out.
 */
export class EnvelopeDraft {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #end: number;
  #events = 0;

  constructor(private readonly place: Pick<WrittenEnvelope, 'partition' | 'node' | 'seq'>) {
    const { partition, node, seq } = place;
    this.#end = this.#buffer.write(`{"v":1,"partition":${partition},"node":"${node}","seq":${seq},"events":[`);
  }

  /** False when the event has no room here; the first one always has. */
  add(event: Event): boolean {
    if (this.#events === ENVELOPE_MAX_EVENTS) return false;
    const json = JSON.stringify(event);
    const bytes = json.length < LONG_EVENT ? json.length * BYTES_PER_UNIT : Buffer.byteLength(json);
    const start = this.#end;
    this.#reserve(start + 1 + bytes + END.length);
    if (this.#events > 0) this.#buffer[this.#end++] = 0x2c;
    this.#end += this.#buffer.write(json, this.#end);
    if (this.#events > 0 && this.#end > ENVELOPE_MAX_BYTES) {
      this.#end = start;
      return false;
    }
    this.#events += 1;
    return true;
  }

  /** Nothing may be added afterwards. */
  written(): WrittenEnvelope {
    const end = this.#end + this.#buffer.write(END, this.#end);
    return { ...this.place, events: this.#events, json: this.#buffer.subarray(0, end) };
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
