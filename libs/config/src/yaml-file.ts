import { readFileSync, statSync } from 'node:fs';
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { toError } from '@rookery/protocol';
import type { KeyPath, Problem } from './problem';

/** Five thousand accounts are some 600 kB; what is larger is not a configuration. */
const MAX_BYTES = 1024 * 1024;
/** How often anchors may be repeated in sum: keeps "billion laughs" out. */
const MAX_ALIASES = 100;

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
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) return failed(`is not valid YAML: ${first.message}`, lines.linePos(first.pos[0]).line);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
    // An anchor that contains itself parses into an endless structure; this throws on it.
    JSON.stringify(value);
  } catch (error) {
    return failed(`its anchors (&, *) cannot be resolved: ${toError(error).message.split('\n')[0] ?? ''}`);
  }
  if (value === null) return failed('is empty; copy rookery.example.yaml, or remove the file to run with the defaults');
  return { ok: true, file: { path, value, lineOf: (keys) => lineOf(document, lines, keys) } };
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
