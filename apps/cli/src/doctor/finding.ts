/** Everything that the doctor can find. docs/doctor.md says more about each. */
export const FINDINGS = [
  'node-version',
  'config-invalid',
  'secret-readable',
  'data-folder',
  'data-readable',
  'redis-unreachable',
  'redis-login',
  'redis-open',
  'redis-version',
  'redis-replica',
  'redis-cluster',
  'redis-append-only',
  'redis-eviction',
  'redis-persistence',
  'redis-memory',
  'redis-partitions',
  'clock',
  'port-taken',
  'reverse-port-taken',
  'account-unusable',
  'account-failed',
  'account-offline',
  'account-waiting',
  'sends-held',
  'napcat-unreachable',
  'napcat-token',
  'napcat-silent',
  'napcat-other-account',
  'napcat-open',
  'adapter-file',
  'adapter-missing',
  'adapter-disabled',
  'adapter-name',
  'adapter-token',
  'adapter-open',
  'adapter-format',
  'adapter-heartbeat',
  'adapter-url',
] as const;
export type FindingId = (typeof FINDINGS)[number];

/** The same in both languages. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** One thing that is wrong, and what to do. Holds no token and no password. */
export interface Finding {
  readonly id: FindingId;
  /** What it is about: a file, an address, an account. */
  readonly place: string;
  readonly problem: Text;
  readonly remedy: Text;
}

/** What one look found; `skipped` says why there was nothing to look at. */
export type Look = { readonly findings: readonly Finding[] } | { readonly skipped: Text };
