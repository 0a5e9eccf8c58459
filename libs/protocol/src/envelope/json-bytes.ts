/** Enough for a few short messages. */
const FIRST_BYTES = 2 * 1024;
/** A UTF-16 unit takes no more bytes than that in UTF-8. */
const BYTES_PER_UNIT = 3;
/** From here on what the engine does is faster than a loop here. */
const LONG_TEXT = 512;
/** From here on the exact length is worth knowing: room for the worst case would be megabytes. */
const VERY_LONG_TEXT = 16 * 1024;

const [QUOTE, BACKSLASH, FIRST_PRINTABLE] = [0x22, 0x5c, 0x20];
const [TWO_BYTES, THREE_BYTES, FIRST_SURROGATE, LAST_SURROGATE] = [0x80, 0x800, 0xd800, 0xdfff];

/**
 * JSON in UTF-8 that is written piece by piece into a buffer that grows. Short texts, which nearly all are, are encoded by a loop here: that is
 * no slower than JSON.stringify and Buffer.write, and leaves no strings behind for the garbage collector.
 */
export class JsonBytes {
  /** Bytes that are written; may be set back. */
  length = 0;
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #number = 0;
  #numberText = '0';

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Bytes that it has room for without a larger buffer. */
  get room(): number {
    return this.#buffer.length;
  }

  /** JSON as it is; a few ASCII characters. */
  raw(json: string): void {
    this.#reserve(json.length);
    const buffer = this.#buffer;
    let at = this.length;
    for (let i = 0; i < json.length; i++) buffer[at++] = json.charCodeAt(i);
    this.length = at;
  }

  /** A text as JSON. Lone surrogates, which are no Unicode, are escaped. */
  text(text: string): void {
    if (text.length >= LONG_TEXT || !this.#short(text)) this.value(text);
  }

  textOrNull(text: string | undefined): void {
    if (text === undefined) this.raw('null');
    else this.text(text);
  }

  /** A finite number. That of the call before, as times often are, is remembered. */
  number(value: number): void {
    if (value !== this.#number) {
      this.#number = value;
      this.#numberText = String(value);
    }
    this.raw(this.#numberText);
  }

  /** Anything that JSON.stringify takes. */
  value(value: unknown): void {
    const json = JSON.stringify(value);
    this.#reserve(json.length < VERY_LONG_TEXT ? json.length * BYTES_PER_UNIT : Buffer.byteLength(json));
    this.length += this.#buffer.write(json, this.length);
  }

  /** False, and nothing is written, when something in it has to be escaped or does not fit into three bytes. */
  #short(text: string): boolean {
    this.#reserve(text.length * BYTES_PER_UNIT + 2);
    const buffer = this.#buffer;
    let at = this.length;
    buffer[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < TWO_BYTES) {
        if (code < FIRST_PRINTABLE || code === QUOTE || code === BACKSLASH) return false;
        buffer[at++] = code;
      } else if (code < THREE_BYTES) {
        buffer[at++] = 0xc0 | (code >> 6);
        buffer[at++] = 0x80 | (code & 0x3f);
      } else if (code < FIRST_SURROGATE || code > LAST_SURROGATE) {
        buffer[at++] = 0xe0 | (code >> 12);
        buffer[at++] = 0x80 | ((code >> 6) & 0x3f);
        buffer[at++] = 0x80 | (code & 0x3f);
      } else return false;
    }
    buffer[at++] = QUOTE;
    this.length = at;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }
}
