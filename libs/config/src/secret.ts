import { inspect } from 'node:util';

const MASK = '***';

/** A token or password. Every way of printing it gives `***`; only `reveal()` gives the text, where it is used. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
