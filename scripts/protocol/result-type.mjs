/**
 * Turns the `returns` texts of the action table into TypeScript types. The texts are half prose: what this grammar does not
 * understand becomes `unknown`, never a guess. A field that is listed without a type is `unknown` too.
 */

const RECORD = 'Readonly<Record<string, unknown>>';
const WORDS = new Map([
  ['string', 'string'],
  ['number', 'number'],
  ['boolean', 'boolean'],
  ['object', RECORD],
  ['base64', 'string'],
  ['false', 'false'],
  ['true', 'true'],
  ['null', 'null'],
  ['undefined', 'undefined'],
  ['segment', 'Segment'],
]);

/** Named shapes (`Group{…}`) that other texts refer to by name. */
export function namedShapes(texts) {
  const named = new Map();
  for (const text of texts) {
    for (const match of text.matchAll(/\b([A-Z][A-Za-z]+)\{/g)) {
      const parser = new Parser(text.slice(match.index + match[1].length), named);
      named.set(match[1], parser.object());
    }
  }
  return named;
}

/** The TypeScript type of one `returns` text. `dataOf` names the type of what another action returns. */
export function resultType(text, named, dataOf) {
  if (/^null\b/.test(text)) return 'null';
  if (/^(?:none|no reply)\b/.test(text)) return 'undefined';
  if (/^\[\] always/.test(text)) return 'readonly []';
  if (/^(?:several|ten) /.test(text)) return 'unknown'; // a stream; see the assembly of downloads
  if (/^hex string, or undefined/.test(text)) return 'string | undefined';
  if (/^any\[\]/.test(text)) return 'readonly unknown[]';
  if (/^message object of the event form/.test(text)) return RECORD;
  const like = /^as ([A-Za-z_]+)/.exec(text) ?? /in the form of ([a-z_]+)/.exec(text);
  if (like !== null) return dataOf(like[1]);
  const fields = /^the ([A-Z][A-Za-z]+) fields/.exec(text);
  if (fields !== null) return named.get(fields[1]);
  const start = /^raw\b/.test(text) ? text.search(/[{[]/) : 0;
  if (start === -1) return 'unknown';
  try {
    const type = new Parser(text.slice(start), named).type();
    return /^raw\b.*\bor undefined$/.test(text) ? `${type} | undefined` : type;
  } catch {
    return 'unknown';
  }
}

/** A constant of NapCat (`app_name`) is another one elsewhere. */
function widened(type) {
  if (/^'[^']*'$/.test(type)) return 'string';
  if (/^-?\d+$/.test(type)) return 'number';
  return type === 'true' || type === 'false' ? 'boolean' : type;
}

class Parser {
  #text;
  #at = 0;
  #named;

  constructor(text, named) {
    this.#text = text;
    this.#named = named;
  }

  type() {
    const parts = [this.#one()];
    while (this.#take(/^\s*\|\s*/)) parts.push(this.#one());
    return [...new Set(parts)].join(' | ');
  }

  object() {
    if (!this.#take(/^\{\s*/)) throw new Error('no object');
    const fields = [];
    let open = false;
    while (!this.#take(/^\s*\}/)) {
      if (this.#take(/^\.\.\.\w*/)) open = true;
      else fields.push(...this.#field());
      this.#take(/^\s*,\s*/);
    }
    if (fields.length === 0) return RECORD;
    const shape = `{ ${fields.join('; ')} }`;
    return open ? `${shape} & ${RECORD}` : shape;
  }

  #field() {
    const names = this.#take(/^\w+\??(?:\/\w+\??)*/);
    if (names === undefined) throw new Error(`no field at ${this.#text.slice(this.#at, this.#at + 20)}`);
    const type = this.#take(/^:\s*/) === undefined ? 'unknown' : widened(this.type());
    return names.split('/').map((name) => `readonly ${name}: ${type}`);
  }

  #one() {
    const type = this.#plain();
    this.#take(/^\s*\((?:[^()]*)\)/);
    let result = type;
    while (this.#take(/^\[\]/)) result = `readonly ${/^[\w<>, ]+$/.test(result) ? result : `(${result})`}[]`;
    this.#take(/^\s*\((?:[^()]*)\)/);
    return result;
  }

  #plain() {
    if (this.#text[this.#at] === '{') return this.object();
    const literal = this.#take(/^"[^"]*"|^-?\d+(?![\w-])/);
    if (literal !== undefined) return literal.replaceAll('"', "'");
    if (this.#take(/^\[\]/)) return 'readonly unknown[]';
    if (this.#take(/^\[(?=\{)/)) {
      const item = this.object();
      this.#take(/^\]/);
      return `readonly (${item})[]`;
    }
    const name = this.#take(/^[A-Z][A-Za-z]+/);
    if (name !== undefined) {
      if (this.#text[this.#at] === '{') return this.object();
      return this.#named.get(name) ?? 'unknown';
    }
    if (this.#take(/^message-event object/)) return RECORD;
    if (this.#take(/^64-bit value/)) return 'number | string';
    const words = this.#take(/^[\w-]+(?: [\w-]+)*/);
    if (words === undefined) throw new Error('no type');
    if (/^(?:same|raw)\b/.test(words)) return 'unknown';
    return WORDS.get(words.split(' ').at(-1)) ?? 'unknown';
  }

  #take(pattern) {
    const match = pattern.exec(this.#text.slice(this.#at));
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }
}
