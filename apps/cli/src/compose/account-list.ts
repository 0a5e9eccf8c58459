import { isDecimalId } from '@rookery/protocol';
import { CommandFailure } from '../failure';

/** One line of the list. */
export interface ListedAccount {
  readonly self: string;
  readonly mode: 'reverse' | 'forward';
  readonly pool: string;
  /** The day on which the account was made, `2026-01-31`; empty when it is not known. */
  readonly since: string;
}

const COLUMNS = ['account', 'mode', 'pool', 'since'] as const;
type Column = (typeof COLUMNS)[number];
/** As many as rookery.yaml takes. */
const MOST = 10_000;

/**
 * Reads comma-separated accounts: a header with `account` and any of `mode` (reverse or forward, default reverse), `pool`, `since`; then a
 * line for each. Throws CommandFailure with every problem and its line.
 */
export function readAccountList(text: string, place: string): readonly ListedAccount[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, fields: fieldsOf(line) }))
    .filter(({ fields }) => !fields.every((field) => field === ''));
  const [header, ...rows] = lines;
  const problems: string[] = [];
  const report = (number: number, en: string, zh: string) => problems.push(`${place}:${number}  ${en} / ${zh}`);
  const columns = header?.fields ?? [];
  for (const name of columns.filter((field) => !COLUMNS.some((known) => known === field))) {
    report(header?.number ?? 1, `unknown column ${JSON.stringify(name)}; known: ${COLUMNS.join(', ')}`, '未知的列');
  }
  if (!columns.includes('account')) {
    report(
      header?.number ?? 1,
      'the first line must name the columns, with one called account',
      '首行必须是列名，且包含 account',
    );
  }
  if (problems.length === 0 && rows.length === 0) report(header?.number ?? 1, 'no account is listed', '没有任何账号');
  if (rows.length > MOST) report(rows[MOST]?.number ?? 1, `at most ${MOST} accounts are taken`, `最多 ${MOST} 个账号`);
  const seen = new Map<string, number>();
  const accounts = rows.map(({ number, fields }) => {
    const of = (column: Column) => fields[columns.indexOf(column)] ?? '';
    if (fields.length > columns.length) {
      report(number, `has ${fields.length} fields, the first line names ${columns.length}`, '字段数多于首行');
    }
    const [self, mode, pool, since] = [of('account'), of('mode') || 'reverse', of('pool') || 'default', of('since')];
    const twin = seen.get(self);
    if (!isDecimalId(self) || self === '0') report(number, `${JSON.stringify(self)} is no QQ number`, '不是 QQ 号');
    else if (twin !== undefined)
      report(number, `account ${self} is already in line ${twin}`, `账号与第 ${twin} 行重复`);
    else seen.set(self, number);
    if (mode !== 'reverse' && mode !== 'forward') {
      report(number, 'mode must be reverse or forward', 'mode 只能是 reverse 或 forward');
    }
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(pool)) {
      report(number, 'pool must be 1 to 64 letters, digits, - or _', 'pool 只能包含字母、数字、- 和 _');
    }
    if (since !== '' && !isDay(since)) report(number, 'since must be a day like 2026-01-31', 'since 应形如 2026-01-31');
    return { self, mode: mode === 'forward' ? 'forward' : 'reverse', pool, since } as const;
  });
  if (problems.length > 0)
    throw new CommandFailure(`nothing was written / 未写入任何文件:\n  ${problems.join('\n  ')}`);
  return accounts;
}

const isDay = (text: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/** Spreadsheets put quotes around what they like. */
function fieldsOf(line: string): string[] {
  return line.split(',').map((field) =>
    field
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}
