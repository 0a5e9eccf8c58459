// Writes libs/simulator/src/actions/action-table.ts from the table of NapCat's actions. Run after the table has changed:
//   node scripts/generate-simulator-actions.mjs
// `--print` writes to standard output instead; a test uses it to see that the committed file is current.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const table = JSON.parse(readFileSync(path('test/fixtures/protocol/actions.json'), 'utf8'));

/** The declared type of a parameter as the closed set of things that the validator knows. */
function accepts(type) {
  const plain = type.replace(/ \(.*\)$/, '');
  if (plain === 'message') return { accepts: ['any'] };
  if (plain.startsWith('{') && plain.endsWith('}')) return { accepts: ['object'] };
  if (plain.endsWith('[]') && !plain.includes('|')) return { accepts: ['array'] };
  if (/^\(.*\)\[\]$/.test(plain)) return { accepts: ['array'] };
  const parts = plain.split('|');
  if (parts.every((part) => /^".*"$/.test(part)))
    return { accepts: ['string'], oneOf: parts.map((part) => part.slice(1, -1)) };
  return { accepts: parts.map((part) => (part.endsWith('[]') ? 'array' : part)) };
}

const ZERO = { string: '', number: 0, boolean: false };

/** Top-level fields of "{a: string, b?: {c: number}}" without the optional ones. */
function fieldsOf(body) {
  const fields = [];
  let depth = 0;
  let field = '';
  for (const char of `${body},`) {
    if ('{[('.includes(char)) depth++;
    if ('}])'.includes(char)) depth--;
    if (char === ',' && depth === 0) {
      fields.push(field.trim());
      field = '';
    } else field += char;
  }
  // "a, b: number" gives both the same type; a bare name at the end counts as a number.
  const typed = [];
  let type = 'number';
  for (const text of fields.reverse()) {
    const colon = text.indexOf(':');
    const name = (colon < 0 ? text : text.slice(0, colon)).trim();
    if (colon >= 0) type = text.slice(colon + 1).trim();
    const shared = colon < 0 && type === '[]' ? 'number' : type;
    if (/^\w+$/.test(name)) typed.unshift([name, shared]);
  }
  return typed;
}

/** "{…} and more" up to the brace that closes the first one. */
function braced(text) {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return text.slice(1, at);
  }
  return text.slice(1);
}

/** The emptiest value of a declared shape. */
function emptiest(shape) {
  const text = shape.replace(/^[A-Z]\w+(?=\{)/, '').trim();
  if (/^"[^"]*"/.test(text)) return /^"([^"]*)"/.exec(text)[1];
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+/.test(text)) return Number.parseInt(text, 10);
  if (/\[\](\s|\(|$)/.test(text.replace(/\{.*\}/s, '{}')) || text.startsWith('[')) return [];
  if (text.startsWith('{')) {
    return Object.fromEntries(fieldsOf(braced(text)).map(([key, value]) => [key, emptiest(value)]));
  }
  const word = /\b(string|number|boolean)\b/.exec(text)?.[0];
  return word in ZERO ? ZERO[word] : {};
}

/** Shapes that the table gives in words. */
const KERNEL_RESULT = { result: 0, errMsg: '' };
function sample(action) {
  const { name, returns } = action;
  if (returns.startsWith('none') || returns.startsWith('undefined') || returns.startsWith('no reply')) return undefined;
  if (returns === 'null') return null;
  if (/^raw QQ kernel result|^raw kernel result/.test(returns)) return KERNEL_RESULT;
  if (/^\[\{variants/.test(returns)) return [{ variants: { model_show: 'napcat', need_pay: false } }];
  if (/^any\[\]|^raw records|^raw kernel member records/.test(returns)) return [];
  if (/^(string(?!\[)|hex string)/.test(returns)) return name.includes('ark') || name.startsWith('Ark') ? '{}' : '';
  if (name === 'get_group_ignored_notifies') return { invited_requests: [], InvitedRequest: [], join_requests: [] };
  if (returns === 'as ArkSharePeer') return { result: 0, errMsg: '', arkMsg: '{}' };
  if (/^as get_file/.test(returns)) return { file: '', url: '', file_size: '0', file_name: '', base64: '' };
  if (/^as download_file_stream/.test(returns)) return null;
  if (/^raw OCR/.test(returns)) return { texts: [], language: 'zh' };
  if (returns === '{ok: boolean}') return { ok: true };
  if (name.startsWith('can_send_')) return { yes: true };
  if (returns.startsWith('message object')) return {};
  if (/^string\[\]/.test(returns)) return [];
  return emptiest(
    returns.replace(
      /^raw groupFileCommonResult |^raw kernel record |^raw kernel response with media list and paging cursor/,
      '',
    ) || '{}',
  );
}

const entries = table.map((action) => {
  const params = Object.fromEntries(
    action.params.map((param) => [param.name, { ...accepts(param.type), ...(param.required && { required: true }) }]),
  );
  const data = sample(action);
  const spec = {
    write: action.kind === 'write',
    sends: action.sends_message,
    packetBackend: /Needs the packet backend/.test(action.note ?? ''),
    params,
    ...(data !== undefined && { data }),
  };
  return `  ${JSON.stringify(action.name)}: ${JSON.stringify(spec)},`;
});

const output = `// Generated by scripts/generate-simulator-actions.mjs; do not edit.
export type Accepted = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object' | 'any';

export interface ParamSpec {
  readonly accepts: readonly Accepted[];
  readonly oneOf?: readonly string[];
  readonly required?: true;
}

export interface ActionSpec {
  readonly write: boolean;
  readonly sends: boolean;
  /** Fails with 1400 where the packet backend does not work. */
  readonly packetBackend: boolean;
  readonly params: Readonly<Record<string, ParamSpec>>;
  /** An answer of the declared shape; absent where the handler returns nothing and the reply has no data key. */
  readonly data?: unknown;
}

export const ACTIONS: Readonly<Record<string, ActionSpec>> = {
${entries.join('\n')}
};
`;

const formatted = execFileSync(
  path('node_modules/.bin/oxfmt'),
  ['--stdin-filepath=libs/simulator/src/actions/action-table.ts'],
  {
    cwd: path('.'),
    input: output,
    encoding: 'utf8',
  },
);
if (process.argv.includes('--print')) process.stdout.write(formatted);
else writeFileSync(path('libs/simulator/src/actions/action-table.ts'), formatted);
