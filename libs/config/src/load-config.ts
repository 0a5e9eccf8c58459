import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { LimitsPatch } from '@rookery/pacing';
import type { PoolName, SelfId } from '@rookery/protocol';
import { findings, type Finding } from './check';
import { variable, type Environment } from './environment';
import { asPatch } from './limits-schema';
import { pluginSources, type ListedPlugin } from './plugin-sources';
import { configInvalid, type KeyPath, type Problem } from './problem';
import { expandReferences } from './references';
import {
  accountFindings,
  bindFindings,
  duplicateFindings,
  limitFindings,
  otlpFindings,
  roleFindings,
  type PlacedAccount,
  type Seen,
} from './rules';
import { configSchema, fleetSchema, type ParsedAccount, type ParsedConfig } from './schema';
import type { Secret } from './secret';
import { readYaml, type YamlFile } from './yaml-file';

interface AccountBase {
  readonly selfId: SelfId;
  readonly pool: PoolName;
  /** `dual`: a second connector listens beside the owner and takes over without dialling. Default single; forward only. */
  readonly attach?: 'single' | 'dual';
  /** False: this account's gaps are not filled from history. Default as `backfill.enabled` says. */
  readonly backfill?: boolean;
  /** The day on which the account was made, `2026-01-31`; its warm-up counts from it. */
  readonly since?: string;
  /** How fast it may act, where that differs from its pool's accounts. */
  readonly limits?: LimitsPatch;
}
/** We dial its NapCat. Without a token NapCat lets everyone in. */
interface ForwardAccount extends AccountBase {
  readonly mode: 'forward';
  readonly url: string;
  readonly token?: Secret;
}
/** Its NapCat dials us; the token proves which account it is. */
interface ReverseAccount extends AccountBase {
  readonly mode: 'reverse';
  readonly token: Secret;
}
export type AccountConfig = ForwardAccount | ReverseAccount;

/** The checked settings of the cluster. rookery.example.yaml explains every key. */
export interface RookeryConfig extends Omit<ParsedConfig, 'accounts' | 'plugins'> {
  readonly accounts: readonly AccountConfig[];
  /** With absolute paths: those of the file, then those of the `plugins` folder beside it. */
  readonly plugins: readonly ListedPlugin[];
  /** Absolute; in the file it is relative to the file's folder. */
  readonly dataDir: string;
  /** Absolute path of the file that was read; absent when the defaults are used. */
  readonly file?: string;
}

/**
 * Reads the file that ROOKERY_CONFIG names (else ./rookery.yaml where there is one, else the defaults) and adds the accounts
 * of the file that ROOKERY_FLEET names. Throws CONFIG_INVALID with all problems of all files at once.
 */
export function loadConfig(env: Environment): RookeryConfig {
  const problems: Problem[] = [];
  const seen: Seen = { selfIds: new Map(), reverseTokens: new Map() };
  const path = configPath(env);
  const main = path === undefined ? undefined : readChecked(path, env, configSchema, problems);
  const fleetPath = variable(env, 'ROOKERY_FLEET');
  const fleet = fleetPath === undefined ? undefined : readChecked(resolve(fleetPath), env, fleetSchema, problems);

  const parsed = main?.parsed ?? configSchema.parse({});
  const accounts: PlacedAccount[] = [];
  for (const source of [main, fleet]) {
    if (source === undefined) continue;
    accounts.push(...source.accounts);
    const found = [
      ...source.accounts.flatMap(accountFindings),
      ...duplicateFindings(source.accounts, source.file.path, seen),
      ...bindFindings(source === main ? parsed : { ...NO_BINDS, reverse: parsed.reverse }, source.accounts),
    ];
    problems.push(...found.map((finding) => placed(source.file, finding)));
  }
  if (main !== undefined) {
    const found = [...limitFindings(parsed, main.accounts), ...otlpFindings(parsed), ...roleFindings(parsed)];
    problems.push(...found.map((finding) => placed(main.file, finding)));
  }
  if (problems.length > 0) throw configInvalid(problems);
  const folder = path === undefined ? resolve('.') : dirname(path);
  return {
    ...parsed,
    accounts: accounts.map(({ account }) => accountConfig(account)),
    plugins: pluginSources(folder, parsed.plugins),
    dataDir: resolve(folder, parsed.dataDir),
    ...(path !== undefined && { file: path }),
  };
}

/** A fleet file holds accounts only; the addresses are the main file's and reported there. */
const NO_BINDS = configSchema.parse({});

/** Absolute; undefined when the defaults are used. */
export function configPath(env: Environment): string | undefined {
  const named = variable(env, 'ROOKERY_CONFIG');
  if (named !== undefined) return resolve(named);
  const usual = resolve('rookery.yaml');
  return existsSync(usual) ? usual : undefined;
}

interface Source<Parsed> {
  readonly file: YamlFile;
  readonly parsed: Parsed;
  /** Those whose shape is right, at the places where they stand in the file. */
  readonly accounts: readonly PlacedAccount[];
}

function readChecked<Parsed extends { accounts: ParsedAccount[] }>(
  path: string,
  env: Environment,
  schema: z.ZodType<Parsed>,
  problems: Problem[],
): Source<Parsed> | undefined {
  const read = readYaml(path);
  if (!read.ok) {
    problems.push(read.problem);
    return undefined;
  }
  const { file } = read;
  const report = (keys: KeyPath, text: string) => problems.push(placed(file, { path: keys, text }));
  const value = expandReferences(file.value, { env, folder: dirname(path), report });
  const result = schema.safeParse(value);
  if (result.success) {
    const accounts = result.data.accounts.map((account, index) => ({ index, account }));
    return { file, parsed: result.data, accounts };
  }
  problems.push(...findings(result.error, schema, value).map((finding) => placed(file, finding)));
  return { file, ...sound(schema, value, result.error) };
}

const placed = (file: YamlFile, { path, ...found }: Finding): Problem => ({
  place: file.path,
  // Looked for when it is shown: of very many problems most are not.
  get line() {
    return file.lineOf(path);
  },
  path,
  ...found,
});

/** What is left when everything with a wrong shape is taken out, so that rules across keys are checked in the same run. */
function sound<Parsed extends { accounts: ParsedAccount[] }>(
  schema: z.ZodType<Parsed>,
  value: unknown,
  error: z.ZodError,
): Pick<Source<Parsed>, 'parsed' | 'accounts'> {
  const wrong = new Set(
    error.issues.flatMap(({ path, ...issue }) => {
      const keys = issue.code === 'unrecognized_keys' && path.length === 0 ? issue.keys : [path[0]];
      return path[0] === 'accounts' && typeof path[1] === 'number' ? [`accounts.${path[1]}`] : keys.map(String);
    }),
  );
  const rest: Record<string, unknown> = {};
  const indices: number[] = [];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (wrong.has(key)) continue;
      rest[key] = item;
      if (key !== 'accounts' || !Array.isArray(item)) continue;
      rest[key] = item.filter((_, index) => {
        if (wrong.has(`accounts.${index}`)) return false;
        indices.push(index);
        return true;
      });
    }
  }
  const parsed = schema.parse(rest);
  const accounts = parsed.accounts.map((account, position) => ({ index: indices[position] ?? position, account }));
  return { parsed, accounts };
}

/** Called for accounts that passed `accountFindings` only. */
export function accountConfig(account: ParsedAccount): AccountConfig {
  const { selfId, pool, mode, url, token, attach, backfill, since, limits } = account;
  const base = {
    selfId,
    pool,
    ...(attach !== undefined && { attach }),
    ...(backfill !== undefined && { backfill }),
    ...(since !== undefined && { since }),
    ...(limits !== undefined && { limits: asPatch(limits) }),
  };
  if (mode === 'reverse' && token !== undefined) return { ...base, mode, token };
  if (mode === 'forward' && url !== undefined) return { ...base, mode, url, ...(token !== undefined && { token }) };
  throw new TypeError(`account ${selfId} passed the checks without ${mode === 'forward' ? 'a url' : 'a token'}`);
}
