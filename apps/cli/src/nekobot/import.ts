import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Document, isMap, isSeq, parseDocument } from 'yaml';
import { loadConfig, variable, type Environment } from '@rookery/config';
import { toError } from '@rookery/protocol';
import { CommandFailure } from '../failure';
import { convertPlatforms, type Conversion } from './platforms';

export interface ImportOptions {
  readonly qq: Readonly<Record<string, string>>;
  readonly write?: boolean;
}

export interface ImportContext {
  readonly env: Environment;
  print(text: string): void;
  note(text: string): void;
}

/** As people write it: ["/"] and not [ "/" ]. */
const LAYOUT = { flowCollectionPadding: false };
const MAX_BYTES = 1024 * 1024;

/** Prints or writes what could be taken, and a note for everything that could not. Returns the number of accounts taken. */
export function importNekoBot(file: string, options: ImportOptions, context: ImportContext): number {
  const newToken = () => randomBytes(16).toString('hex');
  const conversion = convertPlatforms(readJson(file), { qq: options.qq, newToken });
  for (const note of conversion.notes) context.note(note);
  if (conversion.accounts.length === 0) {
    context.note(`${file}: nothing could be imported`);
    return 0;
  }
  if (options.write !== true) {
    context.print(addTo(new Document({}), conversion, () => undefined).toString(LAYOUT));
    context.note('Add this to rookery.yaml, or repeat with --write.');
  } else writeConfig(conversion, context);
  context.note(
    'Enter each account’s token in its NapCat (network, websocketClients, token). / 把 token 填入对应的 NapCat。',
  );
  return conversion.accounts.length;
}

function readJson(file: string): unknown {
  try {
    if (statSync(file).size > MAX_BYTES) throw new CommandFailure(`${file} has more than ${MAX_BYTES} bytes`);
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${file} cannot be read as JSON: ${toError(error).message}`);
  }
}

/** The new file is checked as a whole before it takes the place of the old one; comments stay. */
function writeConfig(conversion: Conversion, context: ImportContext): void {
  const path = resolve(variable(context.env, 'ROOKERY_CONFIG') ?? 'rookery.yaml');
  const document = existsSync(path) ? parseDocument(readFileSync(path, 'utf8')) : new Document({});
  if (document.errors[0] !== undefined)
    throw new CommandFailure(`${path} is not valid YAML: ${document.errors[0].message}`);
  const draft = join(dirname(path), `.rookery-import-${process.pid}.yaml`);
  const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o600;
  try {
    writeFileSync(draft, addTo(document, conversion, (text) => context.note(text)).toString(LAYOUT), { mode });
    loadConfig({ ...context.env, ROOKERY_CONFIG: draft });
    renameSync(draft, path);
  } catch (error) {
    throw new CommandFailure(`${path} stays as it was: ${toError(error).message.replaceAll(draft, path)}`);
  } finally {
    rmSync(draft, { force: true });
  }
  context.note(`${path}: ${conversion.accounts.length} accounts added`);
}

/** What the document says already stays; differences are noted. */
function addTo(document: Document, conversion: Conversion, note: (text: string) => void): Document {
  if (!isMap(document.contents)) document.contents = document.createNode({});
  const { accounts, commandPrefix, reverse } = conversion;
  if (!document.has('commandPrefix')) document.set('commandPrefix', document.createNode(commandPrefix, { flow: true }));
  else if (JSON.stringify(document.get('commandPrefix')) !== JSON.stringify(commandPrefix))
    note(`commandPrefix stays as it is; NekoBot had ${JSON.stringify(commandPrefix)}`);
  if (!document.has('reverse')) document.set('reverse', document.createNode(reverse));
  else if (reverse !== undefined) {
    note(`reverse stays as it is; change the URL in NapCat, which dials port ${reverse.port}, path ${reverse.path}`);
  }
  const present = document.get('accounts');
  const list = isSeq(present) ? present : document.createNode([]);
  list.flow = false;
  if (list !== present) document.set('accounts', list);
  for (const account of accounts) list.add(document.createNode(account));
  return document;
}
