import { namedShapes, resultType } from './result-type.mjs';

/** QQ numbers, whatever type the table gives them. */
const IDS = new Set(['group_id', 'user_id', 'target_id', 'friend_id']);
/** Parameters that name a file which NapCat reads and others then see. */
const MEDIA = new Set(['file', 'image', 'images', 'files', 'file_path', 'folder_path', 'thumb_path']);
/** Without them NapCat does the opposite of what the standard says: it lifts the ban, it removes the admin. */
const REQUIRED_BY_US = new Set(['set_group_ban.duration', 'set_group_admin.enable']);

const SHAPES = new Map([
  ['string', 'text'],
  ['number|string', 'scalar'],
  ['number', 'number'],
  ['boolean', 'flag'],
  ['boolean|string', 'flag'],
  ['message', 'message'],
  ['message (array of node segments)', 'nodes'],
  ['{text: string}[]', 'news'],
  ['string|null', 'textOrNull'],
  ['string[]', 'list'],
  ['string[]|string', 'list'],
  ['string|string[]', 'list'],
  ['(number|string)[]', 'list'],
]);

const STATIC = {
  id: 'string | number',
  ids: 'readonly (string | number)[]',
  text: 'string',
  scalar: 'string | number',
  number: 'number',
  flag: 'boolean',
  message: 'MessageLike',
  nodes: 'readonly Segment[]',
  news: 'readonly { readonly text: string }[]',
  textOrNull: 'string | null',
  list: 'string | readonly (string | number)[]',
  media: 'string',
  mediaList: 'string | readonly string[]',
  object: 'Readonly<Record<string, unknown>>',
};

/** TypeScript sources by file name, one per category of the action table. */
export function actionSources(actions) {
  const named = namedShapes(actions.map((action) => action.returns));
  return new Map(
    [...groupByCategory(actions)].map(([category, list]) => [`${category}.ts`, source(category, list, named)]),
  );
}

function groupByCategory(actions) {
  const groups = new Map();
  for (const action of actions) groups.set(action.category, [...(groups.get(action.category) ?? []), action]);
  return groups;
}

function source(category, actions, named) {
  const title = category[0].toUpperCase() + category.slice(1);
  const dataOf = (name) => {
    if (!actions.some((action) => action.name === name))
      throw new Error(`${name} is in another category than ${category}`);
    return `${title}Actions['${name}']['data']`;
  };
  const types = actions.map((action) => declaration(action, resultType(action.returns, named, dataOf))).join('\n');
  const rows = actions.map(row).join('\n');
  const uses = (name) => new RegExp(`\\b${name}\\b`).test(types);
  const imports = [
    (uses('MessageLike') || uses('Segment')) &&
      `import type { ${['MessageLike', 'Segment'].filter(uses).join(', ')} } from '../../segment';`,
    "import type { ActionTable } from '../action-spec';",
  ].filter(Boolean);
  return `// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
${imports.join('\n')}

export interface ${title}Actions {
${types}
}

export const ${category.toUpperCase()}_ACTIONS = {
${rows}
} as const satisfies ActionTable<keyof ${title}Actions>;
`;
}

function declaration(action, data) {
  const params = action.params.map((param) => {
    const code = paramCode(action, param);
    const type = code.oneOf ? code.oneOf.map((option) => `'${option}'`).join(' | ') : STATIC[code.shape];
    const doc = [
      param.default === undefined ? undefined : `Default: ${JSON.stringify(param.default)}.`,
      sentence(param.note),
    ]
      .filter(Boolean)
      .join(' ');
    const comment = doc === '' || code.added ? '' : `/** ${doc} */\n`;
    return `${comment}readonly ${param.name}${code.required ? '' : '?'}: ${type};`;
  });
  return `  /**
${docLines(action)
  .map((line) => `   * ${line}`)
  .join('\n')}
   */
  ${key(action.name)}: {
    params: ${params.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${params.join('\n')}\n}`};
    data: ${data};
  };`;
}

function docLines(action) {
  const origin = { onebot11: 'OneBot 11', 'go-cqhttp': 'go-cqhttp', napcat: 'NapCat' }[action.standard];
  const facts = [`${origin}; ${action.kind}${action.sends_message ? ', sends a message' : ''}.`];
  if (action.aliases) facts.push(`Same handler as ${action.aliases.join(', ')}.`);
  if (action.note) facts.push(sentence(action.note));
  for (const added of REQUIRED_BY_US) {
    const [name, param] = added.split('.');
    if (name === action.name) facts.push(`\`${param}\` must be given here.`);
  }
  return [...facts, `Returns: ${sentence(action.returns)}`].map((line) => line.replaceAll('*/', '*\\/'));
}

function row(action) {
  const params = action.params.map((param) => {
    const code = paramCode(action, param);
    const mark = code.required ? '!' : '';
    const value = code.oneOf
      ? `{ oneOf: ${JSON.stringify(code.oneOf)}, required: ${code.required} }`
      : `'${code.shape}${mark}'`;
    return `${param.name}: ${value}`;
  });
  const facts = [`kind: '${action.kind}'`];
  if (action.sends_message) facts.push('sends: true');
  if (/\bNeeds the packet backend\b/.test(action.note ?? '')) facts.push('packet: true');
  return `  ${key(action.name)}: { ${facts.join(', ')}, params: { ${params.join(', ')} } },`;
}

function paramCode(action, param) {
  const added = REQUIRED_BY_US.has(`${action.name}.${param.name}`);
  const required = param.required || added;
  if (param.type.startsWith('"'))
    return { oneOf: param.type.split('|').map((option) => JSON.parse(option)), required, added };
  return { shape: shapeOf(action, param), required, added };
}

function shapeOf(action, param) {
  if (param.type.startsWith('{time:') || param.type.startsWith('{reply?:')) return 'object';
  const shape = SHAPES.get(param.type);
  if (shape === undefined) throw new Error(`${action.name}.${param.name}: no shape for the type ${param.type}`);
  if (IDS.has(param.name)) return shape === 'list' ? 'ids' : 'id';
  // Reading actions take handles of received files; ocr_image reads a file like a sending one.
  const outgoing = action.kind === 'write' || param.name === 'image';
  if (outgoing && MEDIA.has(param.name)) return shape === 'list' ? 'mediaList' : 'media';
  return shape;
}

function key(name) {
  return /^\w+$/.test(name) ? name : `'${name}'`;
}

function sentence(text) {
  if (text === undefined || text === '') return '';
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
