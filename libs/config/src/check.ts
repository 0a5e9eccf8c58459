import { z } from 'zod';
import { nearest } from './nearest';
import { UNRESOLVED } from './references';
import type { KeyPath } from './problem';

export interface Finding {
  readonly path: KeyPath;
  readonly text: string;
  /** The last key of the path looks like no setting: it may be a value that a line break has moved, so it is not repeated. */
  readonly isHidden?: boolean;
}

/** Settings are called so; tokens hardly ever are. */
const LIKE_A_SETTING = /^[A-Za-z_]{1,32}$/;

/** zod's verdict in our words: with the nearest valid key for an unknown one, and never with the value. */
export function findings(error: z.ZodError, schema: z.ZodType, value: unknown): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const given = valueAt(value, path);
    if (given === UNRESOLVED) return []; // reported where the reference was resolved
    switch (issue.code) {
      case 'unrecognized_keys': {
        const valid = keysAt(schema, path);
        return issue.keys.map((key) => unknownKey(key, path, valid));
      }
      case 'invalid_type':
        return [{ path, text: wrongType(issue.expected, given) }];
      case 'invalid_value':
        return [{ path, text: `must be one of ${issue.values.map(String).join(', ')}` }];
      case 'invalid_key':
        return [{ path, text: issue.issues[0]?.message ?? issue.message }];
      default:
        return [{ path, text: issue.message }];
    }
  });
}

function unknownKey(key: string, parent: KeyPath, valid: readonly string[]): Finding {
  const path = [...parent, key];
  const meant = nearest(key, valid);
  if (meant !== undefined) return { path, text: `unknown key; did you mean \`${meant}\`?` };
  const text = `unknown key; valid here: ${valid.join(', ')}`;
  return LIKE_A_SETTING.test(key) ? { path, text } : { path, text, isHidden: true };
}

function wrongType(expected: string, given: unknown): string {
  if (given === undefined) return 'is missing';
  if (expected === 'string' && typeof given === 'number') return 'must be text: put the number into quotes';
  if (expected === 'number' && typeof given === 'string') return 'must be a number, without quotes';
  if (expected === 'int') return 'must be a whole number';
  if (typeof given === 'number') return `must be a finite ${expected}`;
  const names: Readonly<Record<string, string>> = { object: 'a mapping (key: value)', array: 'a list', string: 'text' };
  return `must be ${names[expected] ?? `a ${expected}`}`;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let at = value;
  for (const part of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined;
  return at;
}

/** The keys that the schema knows at a place. */
function keysAt(schema: z.ZodType, path: KeyPath): string[] {
  let at: unknown = unwrap(schema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = unwrap(at.element);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType);
    else if (at instanceof z.ZodObject) at = unwrap(at.shape[String(part)]);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let at = schema;
  while (
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault ||
    at instanceof z.ZodOptional ||
    at instanceof z.ZodNullable
  ) {
    at = at.unwrap();
  }
  return at;
}
