import type { Event } from '../event';
import { ENVELOPE_MAX_BYTES, ENVELOPE_MAX_EVENTS, type WrittenEnvelope } from './envelope';
import type { JsonBytes } from './json-bytes';
import { writeBody, writeHead } from './message-parts';
import { SpareBytes } from './spare-bytes';

/**
 * An envelope that is still open. Events are written the moment they come: what waits for Redis is bytes outside the heap, not
 * thousands of objects that the garbage collector copies around, and nothing is encoded a second time on its way out.
 */
export class EnvelopeDraft {
  readonly #heads: JsonBytes;
  readonly #bodies: JsonBytes;
  #events = 0;

  /** `spare`: shared by all that are written one after the other. */
  constructor(
    private readonly place: Pick<WrittenEnvelope, 'partition' | 'node' | 'seq'>,
    private readonly spare = new SpareBytes(),
  ) {
    const { partition, node, seq } = place;
    this.#heads = spare.take();
    this.#bodies = spare.take();
    this.#heads.raw(`{"v":2,"partition":${partition},"node":"${node}","seq":${seq},"heads":[`);
  }

  /** False when the event has no room here; the first one always has. */
  add(event: Event): boolean {
    if (this.#events === ENVELOPE_MAX_EVENTS) return false;
    const isFirst = this.#events === 0;
    const [heads, bodies] = [this.#heads.length, this.#bodies.length];
    if (!isFirst) {
      this.#heads.raw(',');
      this.#bodies.raw(',\n');
    }
    this.#write(event);
    if (!isFirst && this.#heads.length + this.#bodies.length > ENVELOPE_MAX_BYTES) {
      this.#heads.length = heads;
      this.#bodies.length = bodies;
      return false;
    }
    this.#events += 1;
    return true;
  }

  /** Once, and nothing may be added afterwards. */
  written(): WrittenEnvelope {
    const [heads, bodies] = [this.#heads, this.#bodies];
    heads.raw('],"bodies":[\n');
    bodies.raw('\n]}');
    const json = Buffer.concat([heads.bytes, bodies.bytes]);
    this.spare.giveBack(heads);
    this.spare.giveBack(bodies);
    const { partition, node, seq } = this.place;
    return { partition, node, seq, events: this.#events, json };
  }

  /** What is no message has all in its head. */
  #write(event: Event): void {
    if (event.type === 'message') {
      writeHead(this.#heads, event);
      writeBody(this.#bodies, event);
    } else {
      this.#heads.value(event);
      this.#bodies.raw('0');
    }
  }
}
