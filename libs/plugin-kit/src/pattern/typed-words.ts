import { isText, type Segment } from '@rookery/protocol';

export type Typed =
  | { readonly kind: 'word'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'segment'; readonly segment: Segment }
  /** A quotation mark was opened and never closed. */
  | { readonly kind: 'unbalanced' };

const BLANK = /\s/;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', '“': '”' };

/**
 * Reads what follows a command, one word or segment after the other. A word in quotation marks may hold blanks, and `\"` is a
 * quotation mark inside of it; a mark in the middle of a word is a letter like any other.
 */
export class TypedWords {
  #index = 0;
  #offset = 0;

  constructor(private readonly segments: readonly Segment[]) {}

  /** Undefined at the end. */
  next(): Typed | undefined {
    for (;;) {
      const segment = this.segments[this.#index];
      if (!segment) return undefined;
      if (!isText(segment)) {
        this.#index += 1;
        return { kind: 'segment', segment };
      }
      const { text } = segment.data;
      while (this.#offset < text.length && BLANK.test(text.charAt(this.#offset))) this.#offset += 1;
      if (this.#offset < text.length) return this.#word(text);
      this.#index += 1;
      this.#offset = 0;
    }
  }

  /** Reads what `next` will be without taking it. */
  peek(): Typed | undefined {
    const [index, offset] = [this.#index, this.#offset];
    const typed = this.next();
    this.#index = index;
    this.#offset = offset;
    return typed;
  }

  /** The text of all that is left, exactly as typed but for the one blank that ends the word before. */
  rest(): string {
    let text = '';
    const first = this.#index;
    for (; this.#index < this.segments.length; this.#index += 1) {
      const segment = this.segments[this.#index];
      if (segment && isText(segment)) {
        const rest = segment.data.text.slice(this.#offset);
        const endsWord = this.#index === first && (this.#offset > 0 || first > 0);
        text += endsWord && BLANK.test(rest.charAt(0)) ? rest.slice(1) : rest;
      }
      this.#offset = 0;
    }
    return text;
  }

  #word(text: string): Typed {
    const closing = CLOSING[text.charAt(this.#offset)];
    return closing === undefined ? this.#plain(text) : this.#quoted(text, closing);
  }

  #plain(text: string): Typed {
    const from = this.#offset;
    while (this.#offset < text.length && !BLANK.test(text.charAt(this.#offset))) this.#offset += 1;
    return { kind: 'word', text: text.slice(from, this.#offset), quoted: false };
  }

  #quoted(text: string, closing: string): Typed {
    let word = '';
    for (let at = this.#offset + 1; at < text.length; at++) {
      const char = text.charAt(at);
      if (char === closing) {
        this.#offset = at + 1;
        return { kind: 'word', text: word, quoted: true };
      }
      if (char === '\\' && text.charAt(at + 1) === closing) at += 1;
      word += text.charAt(at);
    }
    return { kind: 'unbalanced' };
  }
}
