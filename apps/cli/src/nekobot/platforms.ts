import { z } from 'zod';
import { isDecimalId } from '@rookery/protocol';

/** One entry of NekoBot's platforms_sources.json; its defaults are those of NekoBot's adapter. */
const platform = z.looseObject({
  type: z.string(),
  enable: z.boolean().default(true),
  id: z.union([z.string(), z.int()]).transform(String).optional(),
  name: z.string().optional(),
  ws_host: z.string().default('0.0.0.0'),
  ws_port: z.int().min(1).max(65_535).default(6299),
  command_prefix: z.union([z.string(), z.array(z.string())]).default('/'),
});

/** An account as it is to stand in rookery.yaml. */
interface ImportedAccount {
  readonly selfId: string;
  readonly mode: 'reverse';
  readonly token: string;
}

export interface Conversion {
  readonly accounts: readonly ImportedAccount[];
  readonly commandPrefix: readonly string[];
  /** Where NekoBot listened for the first of them. */
  readonly reverse?: { readonly host: string; readonly port: number; readonly path: string };
  /** For people: what was left out and why, and what to do by hand. */
  readonly notes: readonly string[];
}

export interface ConversionOptions {
  /** QQ numbers by entry id, for entries whose id is none. */
  readonly qq: Readonly<Record<string, string>>;
  readonly newToken: () => string;
}

const ONEBOT_TYPES = new Set([
  'onebot',
  'onebot11',
  'onebotv11',
  'napcat',
  'aiocqhttp',
  'cqhttp',
  'gocqhttp',
  'llonebot',
  'llbot',
]);

/**
 * NekoBot listens on one port per entry, at /ws and without a token, and NapCat dials in: a reverse account here. Here all share
 * one port, and each has a token, which is new and has to be entered in NapCat.
 */
export function convertPlatforms(content: unknown, options: ConversionOptions): Conversion {
  const notes: string[] = [];
  const accounts: ImportedAccount[] = [];
  const prefixes = new Set<string>();
  let reverse: Conversion['reverse'];
  for (const [label, value] of entriesOf(content)) {
    const parsed = platform.safeParse(value);
    if (!parsed.success) {
      notes.push(`${label}: left out, ${parsed.error.issues.map(describeIssue).join('; ')}`);
      continue;
    }
    const entry = parsed.data;
    const id = entry.id ?? label;
    const refusal = refusalOf(entry, id, options.qq, accounts);
    if (typeof refusal === 'string') {
      notes.push(`${label}: left out, ${refusal}`);
      continue;
    }
    accounts.push({ selfId: refusal.selfId, mode: 'reverse', token: options.newToken() });
    for (const prefix of [entry.command_prefix].flat()) prefixes.add(prefix);
    if (reverse === undefined) reverse = { host: entry.ws_host, port: entry.ws_port, path: '/ws' };
    else if (reverse.port !== entry.ws_port) {
      notes.push(
        `${label}: its NapCat dials port ${entry.ws_port}; all accounts share ${reverse.port} now, change the URL there`,
      );
    }
  }
  return { accounts, commandPrefix: [...prefixes], notes, ...(reverse !== undefined && { reverse }) };
}

/** NekoBot writes a map by id; hand-made files hold a list. */
function entriesOf(content: unknown): [label: string, value: unknown][] {
  if (Array.isArray(content)) return content.map((value, index) => [`[${index}]`, value]);
  if (typeof content === 'object' && content !== null) return Object.entries(content);
  return [];
}

function describeIssue({ path, message }: { readonly path: PropertyKey[]; readonly message: string }): string {
  return path.length === 0 ? message : `\`${path.join('.')}\`: ${message}`;
}

function refusalOf(
  { type, enable }: z.output<typeof platform>,
  id: string,
  qq: Readonly<Record<string, string>>,
  taken: readonly ImportedAccount[],
): string | { readonly selfId: string } {
  if (!ONEBOT_TYPES.has(type.toLowerCase().replaceAll(/[-_. ]/g, ''))) return `type ${type} is not OneBot`;
  if (!enable) return 'it is switched off (enable: false)';
  const selfId = Object.hasOwn(qq, id) ? (qq[id] ?? '') : id;
  if (!isDecimalId(selfId) || selfId.length < 5) {
    return selfId === id
      ? `the file does not hold its QQ number; repeat with --qq ${id}=<QQ number>`
      : `${selfId} is not a QQ number; correct --qq ${id}=…`;
  }
  if (taken.some((account) => account.selfId === selfId)) return `account ${selfId} is in the file twice`;
  return { selfId };
}
