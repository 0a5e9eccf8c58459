import type { ErrorCode } from 'yaml';

/**
 * What yaml says of a file, in words that quote nothing of it: what is broken may be a token. Its own messages hold the text at fault
 * for some codes, and are clear and without it for the others.
 */
export function wordsFor({ code, message }: { readonly code: ErrorCode; readonly message: string }): string {
  return (
    OUR_WORDS[code] ?? (QUOTES_NOTHING.has(code) ? (message.split('\n')[0] ?? '') : `this cannot stand here (${code})`)
  );
}

/** What is said when the anchors of a document are resolved, without the name of one. */
export function aliasWords(message: string): string {
  return message.startsWith('Unresolved alias')
    ? 'a value that begins with * needs quotes'
    : (message.split('\n')[0] ?? '');
}

const OUR_WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'a value that begins with * or & needs quotes',
  TAG_RESOLVE_FAILED: 'a value that begins with ! needs quotes',
  BAD_DQ_ESCAPE: 'there is no such escape sequence; use single quotes where a backslash is meant',
};

const QUOTES_NOTHING: ReadonlySet<ErrorCode> = new Set([
  'BAD_INDENT',
  'BAD_SCALAR_START',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'DUPLICATE_KEY',
  'KEY_OVER_1024_CHARS',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'NON_STRING_KEY',
  'TAB_AS_INDENT',
]);
