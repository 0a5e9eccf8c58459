/**
 * What JSON.parse does not tell: nesting, number of keys, and numbers that it would silently change. One pass over the text
 * before it is parsed; strings are skipped by indexOf, so that megabytes of base64 cost little.
 */
export interface Scan {
  readonly depth: number;
  readonly keys: number;
  /** The text with every integer beyond ±(2^53 - 1), and every integer written with an exponent, put into quotes. */
  readonly text: string;
}

const QUOTE = 34;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const COLON = 58;
const COMMA = 44;
const MINUS = 45;
const BACKSLASH = 92;

const isDigit = (code: number) => code >= 48 && code <= 57;
const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
const endsValue = (code: number) =>
  Number.isNaN(code) || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET;
const precedesValue = (code: number) => code === COLON || code === COMMA || code === OPEN_BRACKET;

/** Scans until the end, or until `maxDepth` or `maxKeys` is passed. The text need not be valid JSON. */
export function scan(text: string, maxDepth: number, maxKeys: number): Scan {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let rewritten = '';
  let copied = 0;
  let before = Number.NaN; // last significant character
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isSpace(code)) continue;
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (depth > maxDepth) break;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    } else if (code === COLON) {
      keys += 1;
      if (keys > maxKeys) break;
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, i);
      if (precedesValue(before) && endsValue(nextSignificant(text, end)) && changesInParse(text.slice(i, end))) {
        rewritten += `${text.slice(copied, i)}"${text.slice(i, end)}"`;
        copied = end;
      }
      i = end - 1;
    }
    before = code;
  }
  return { depth: deepest, keys, text: copied === 0 ? text : rewritten + text.slice(copied) };
}

/**
 * An id read as a number loses its last digits above 2^53; `1e5` would pass for the id 100000. Both stay text. Leading
 * zeroes are no JSON and are left for the parser to refuse.
 */
function changesInParse(token: string): boolean {
  if (LONG_INTEGER.test(token)) return !Number.isSafeInteger(Number(token));
  return WITH_EXPONENT.test(token) && Number.isInteger(Number(token));
}

const LONG_INTEGER = /^-?[1-9][0-9]{15,}$/;
const WITH_EXPONENT = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][+-]?[0-9]+$/;
const IN_NUMBER = /[0-9.eE+-]/;

/** Index of the closing quote, or the last index when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length - 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && IN_NUMBER.test(text.charAt(end))) end += 1;
  return end;
}

function nextSignificant(text: string, from: number): number {
  let i = from;
  while (isSpace(text.charCodeAt(i))) i += 1;
  return text.charCodeAt(i);
}
