const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const SECRET = /((?:token|rkey|cookies?|clientkey|p?skey|bkn|authorization)"?\s*[=:]\s*"?(?:Bearer\s+)?)[^"&,\s}]+/giu;

/**
 * Text from outside, fit for a log line: at most `max` UTF-16 units; control, bidi and zero-width characters escaped, so
 * that it cannot forge a line or reverse its reading order; what looks like a credential masked.
 */
export function printable(text: string, max: number): string {
  const masked = text.slice(0, 2 * max).replace(SECRET, '$1***');
  const escaped = masked.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return escaped.length <= max ? escaped : `${escaped.slice(0, max - 1)}…`;
}
