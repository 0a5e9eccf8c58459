import { impossible, resolveLimits, type LimitLayer } from '@rookery/pacing';
import { poolName } from '@rookery/protocol';
import type { Finding } from './check';
import { fileLayer } from './limits-schema';
import type { ParsedAccount, ParsedConfig } from './schema';
import type { Secret } from './secret';

export interface PlacedAccount {
  /** Position in the file's list. */
  readonly index: number;
  readonly account: ParsedAccount;
}

/** What one account needs beyond its shape. */
export function accountFindings({ index, account }: PlacedAccount): Finding[] {
  const at = (key: string) => ['accounts', index, key];
  if (account.mode === 'forward') {
    return account.url === undefined
      ? [{ path: at('url'), text: 'is missing: a forward account is dialled there' }]
      : [];
  }
  const found: Finding[] = [];
  if (account.url !== undefined) {
    found.push({ path: at('url'), text: 'belongs to mode: forward; a reverse account’s NapCat dials to `reverse`' });
  }
  if (account.attach === 'dual') {
    found.push({
      path: at('attach'),
      text: 'dual belongs to mode: forward; a reverse account’s NapCat dials one node',
    });
  }
  if (account.token === undefined) {
    found.push({ path: at('token'), text: 'is missing: without it anyone could pretend to be this account' });
  }
  return found;
}

/** `first` is what the earlier account is called: its place, in this file or another. */
export interface Seen {
  readonly selfIds: Map<string, string>;
  readonly reverseTokens: Map<string, string>;
}

/** Each account once, and each reverse token once: it is the token that proves which account dials in. */
export function duplicateFindings(accounts: readonly PlacedAccount[], file: string, seen: Seen): Finding[] {
  const found: Finding[] = [];
  for (const { index, account } of accounts) {
    const here = `accounts[${index}] of ${file}`;
    const twin = seen.selfIds.get(account.selfId);
    if (twin === undefined) seen.selfIds.set(account.selfId, here);
    else found.push({ path: ['accounts', index, 'selfId'], text: `account ${account.selfId} is already in ${twin}` });
    if (account.mode !== 'reverse' || account.token === undefined) continue;
    const sharer = seen.reverseTokens.get(account.token.reveal());
    if (sharer === undefined) seen.reverseTokens.set(account.token.reveal(), here);
    else
      found.push({
        path: ['accounts', index, 'token'],
        text: `is also the token of ${sharer}; each reverse account needs its own`,
      });
  }
  return found;
}

/** A token of readers means nothing where nobody needs one to change things, or where both are one. */
export function roleFindings({ console: { token, readToken } }: ParsedConfig): Finding[] {
  if (readToken === undefined) return [];
  const path = ['console', 'readToken'];
  if (token === undefined) {
    return [{ path, text: 'needs `console.token` beside it: without that one everybody may change everything' }];
  }
  const isSame = token.reveal() === readToken.reveal();
  return isSame ? [{ path, text: 'must not be `console.token`: who may read could change everything' }] : [];
}

/** Beyond this machine nothing listens without a token, and not with one that is guessed in a minute. */
export function bindFindings(config: ParsedConfig, accounts: readonly PlacedAccount[]): Finding[] {
  const found = reverseTokenFindings(config.reverse.host, accounts);
  if (!isLoopback(config.console.host)) {
    if (config.console.token === undefined) {
      found.push({ path: ['console', 'token'], text: 'is missing: console.host is reachable from other machines' });
    } else found.push(...weakness(config.console.token, ['console', 'token'], 'console.host'));
    if (config.console.readToken !== undefined)
      found.push(...weakness(config.console.readToken, ['console', 'readToken'], 'console.host'));
  }
  const bound = (['connector', 'worker'] as const).filter((app) => !isLoopback(config[app].host));
  if (bound.length > 0 && config.metrics.token === undefined && !config.metrics.open) {
    found.push({
      path: ['metrics', 'token'],
      text:
        `is missing: ${bound.map((app) => `${app}.host`).join(' and ')} can be reached from other machines, and with it ` +
        '/metrics; set one, or say `metrics.open: true` where the network is trusted',
    });
  }
  if (config.metrics.token !== undefined && (bound.length > 0 || !isLoopback(config.console.host))) {
    found.push(...weakness(config.metrics.token, ['metrics', 'token'], '/metrics'));
  }
  return found;
}

export function reverseTokenFindings(reverseHost: string, accounts: readonly PlacedAccount[]): Finding[] {
  if (isLoopback(reverseHost)) return [];
  return accounts.flatMap(({ index, account }) =>
    account.mode === 'reverse' && account.token !== undefined
      ? weakness(account.token, ['accounts', index, 'token'], 'reverse.host')
      : [],
  );
}

/** What is exported is what is traced. */
export function otlpFindings({ telemetry, trace }: ParsedConfig): Finding[] {
  if (telemetry.otlp === undefined || trace.perSecond > 0) return [];
  return [{ path: ['trace', 'perSecond'], text: 'must not be 0 while `telemetry.otlp` is to get what is traced' }];
}

const MIN_TOKEN = 16;
const GUESSED = /^(?:(?:changeme|napcat|password|secret|token|rookery|1234567890|123456)+|(.)\1*)$/i;

function weakness(token: Secret, path: Finding['path'], bind: string): Finding[] {
  const text = token.reveal();
  if (text.length < MIN_TOKEN) {
    return [{ path, text: `needs at least ${MIN_TOKEN} characters, since ${bind} is reachable from other machines` }];
  }
  return GUESSED.test(text) ? [{ path, text: `is easy to guess, and ${bind} is reachable from other machines` }] : [];
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Limits that are possible where they stand and impossible together with what wider scopes say. */
export function limitFindings({ limits, pools }: ParsedConfig, accounts: readonly PlacedAccount[]): Finding[] {
  const { timeZone: _, conversations: __, ...global } = limits;
  const file = fileLayer({ of: 'global' }, global);
  const find = (path: Finding['path'], layers: readonly LimitLayer[]): Finding[] => {
    const broken = impossible(resolveLimits(layers).settings);
    return broken ? [{ path: [...path, ...broken.setting.split('.')], text: broken.rule }] : [];
  };
  const ofPool = (name: string) => fileLayer({ of: 'pool', pool: poolName(name) }, pools[name]?.limits);
  return [
    ...find(['limits'], file),
    ...Object.entries(pools).flatMap(([name, pool]) =>
      pool.limits === undefined ? [] : find(['pools', name, 'limits'], [...file, ...ofPool(name)]),
    ),
    ...accounts.flatMap(({ index, account }) =>
      account.limits === undefined
        ? []
        : find(
            ['accounts', index, 'limits'],
            [...file, ...ofPool(account.pool), ...fileLayer({ of: 'account', self: account.selfId }, account.limits)],
          ),
    ),
  ];
}
