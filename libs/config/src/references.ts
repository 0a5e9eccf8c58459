import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { variable, type Environment } from './environment';
import type { KeyPath } from './problem';

const REFERENCE = /\$\{([^}]*)\}/g;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_SECRET_BYTES = 64 * 1024;

export interface ReferenceContext {
  readonly env: Environment;
  /** `${file:…}` paths start here: the folder of the file that holds them. */
  readonly folder: string;
  report(path: KeyPath, text: string): void;
}

/** Paths that `${file:…}` of a text names, as they are written. */
export function referencedFiles(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name = '']) => (name.startsWith('file:') ? [name.slice(5)] : []));
}

/** What stands for a value whose reference could not be resolved; the problem is reported already. */
export const UNRESOLVED = Symbol('unresolved reference');

/**
 * Replaces `${NAME}` and `${file:path}` in every string of the tree. What cannot be resolved is reported, and never
 * becomes an empty string: an empty token switches NapCat's token check off. Replacements are not expanded again.
 */
export function expandReferences(value: unknown, context: ReferenceContext, path: KeyPath = []): unknown {
  if (typeof value === 'string') return value.includes('${') ? expandText(value, context, path) : value;
  if (Array.isArray(value)) return value.map((item, index) => expandReferences(item, context, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expandReferences(item, context, [...path, key])]),
    );
  }
  return value;
}

function expandText(text: string, context: ReferenceContext, path: KeyPath): unknown {
  let failed = false;
  const expanded = text.replaceAll(REFERENCE, (_, name: string) => {
    const found = name.startsWith('file:') ? readSecretFile(name.slice(5), context) : readVariable(name, context);
    if (found.ok) return found.text;
    failed = true;
    context.report(path, found.problem);
    return '';
  });
  return failed ? UNRESOLVED : expanded;
}

type Found = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

function readVariable(name: string, { env }: ReferenceContext): Found {
  if (!VARIABLE.test(name)) {
    return { ok: false, problem: 'has a reference that is neither ${NAME} nor ${file:path}' };
  }
  const text = variable(env, name);
  return text === undefined
    ? { ok: false, problem: `the environment variable ${name} is not set or empty; set it before the start` }
    : { ok: true, text };
}

function readSecretFile(name: string, { folder }: ReferenceContext): Found {
  const path = resolve(folder, name);
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_SECRET_BYTES) {
      return { ok: false, problem: `${path} is not a file of at most ${MAX_SECRET_BYTES} bytes` };
    }
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? { ok: false, problem: `the file ${path} is empty` } : { ok: true, text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { ok: false, problem: `the file ${path} cannot be read (${code})` };
  }
}
