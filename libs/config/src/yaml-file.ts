import { readFileSync, statSync } from 'node:fs';
import {
  Composer,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import { toError } from '@rookery/protocol';
import type { KeyPath, Problem } from './problem';
import { aliasWords, wordsFor } from './yaml-words';

/** Five thousand accounts are some 600 kB; what is larger is not a configuration. */
const MAX_BYTES = 1024 * 1024;
/** How often anchors may be repeated in sum: keeps "billion laughs" out. */
const MAX_ALIASES = 100;
/** How far values may lie within each other; composing them is recursive, and V8 may end the process when its stack is used up. */
const MAX_DEPTH = 100;

export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** Line of the deepest part of `path` that stands in the file. */
  lineOf(path: KeyPath): number | undefined;
}

export type YamlResult =
  | { readonly ok: true; readonly file: YamlFile }
  | { readonly ok: false; readonly problem: Problem };

/** Reads and parses; does not know what the content means. */
export function readYaml(path: string): YamlResult {
  const failed = (text: string, line?: number): YamlResult => ({
    ok: false,
    problem: { place: path, path: [], text, line },
  });
  let text: string;
  try {
    text = readBounded(path);
  } catch (error) {
    return failed(explain(error));
  }
  const lines = new LineCounter();
  const parsed = parseBounded(text.replace(/^\uFEFF/, ''), lines);
  if ('problem' in parsed) return failed(`is not valid YAML: ${parsed.problem}`, parsed.line);
  const { document } = parsed;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
    // An anchor that contains itself parses into an endless structure; this throws on it.
    JSON.stringify(value);
  } catch (error) {
    return failed(`its anchors (&, *) cannot be resolved: ${aliasWords(toError(error).message)}`);
  }
  if (value === null) return failed('is empty; copy rookery.example.yaml, or remove the file to run with the defaults');
  return { ok: true, file: { path, value, lineOf: (keys) => lineOf(document, lines, keys) } };
}

interface YamlProblem {
  readonly problem: string;
  readonly line: number;
}

/** As yaml's parseDocument, but what is nested too deeply is never composed. */
function parseBounded(text: string, lines: LineCounter): { readonly document: Document } | YamlProblem {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) {
      const problem = `more than ${MAX_DEPTH} lists and mappings lie within each other`;
      return { problem, line: lines.linePos(parser.offset).line };
    }
  }
  tokens.push(...parser.end());
  // Its own look for equal keys compares each with each.
  const composer = new Composer({ uniqueKeys: false, stringKeys: true });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) return { problem: 'there is nothing in it', line: 1 };
  if (second !== undefined) return { problem: 'it has several documents', line: lines.linePos(second.range[0]).line };
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) return { problem: wordsFor(first), line: lines.linePos(first.pos[0]).line };
  const twin = keyTwice(document.contents);
  return twin === undefined
    ? { document }
    : { problem: 'Map keys must be unique', line: lines.linePos(twin.range?.[0] ?? 0).line };
}

/** The first key that its mapping has already. */
function keyTwice(node: unknown): Scalar | undefined {
  if (isSeq(node)) return firstOf(node.items, keyTwice);
  if (!isMap(node)) return undefined;
  const seen = new Set<unknown>();
  return firstOf(node.items, ({ key, value }) => {
    if (isScalar(key) && seen.has(key.value)) return key;
    if (isScalar(key)) seen.add(key.value);
    return keyTwice(value);
  });
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

class FileProblem extends Error {}

function readBounded(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new FileProblem('is not a file; name the YAML file itself');
  if (stat.size > MAX_BYTES) throw new FileProblem(`has ${stat.size} bytes; at most ${MAX_BYTES} are accepted`);
  return readFileSync(path, 'utf8');
}

function explain(error: unknown): string {
  if (error instanceof FileProblem) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'does not exist; copy rookery.example.yaml there, or correct the path';
  return `cannot be read (${code ?? 'unknown cause'})`;
}

function lineOf(document: Document, lines: LineCounter, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path) {
    let label: Node | undefined;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
      label = isNode(pair?.key) ? pair.key : undefined;
      node = pair?.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      label = isNode(node) ? node : undefined;
    }
    const start = label?.range?.[0];
    if (start === undefined) break;
    offset = start;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
