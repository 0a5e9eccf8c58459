/** What can keep a process from being ready; the runbook of RookeryNotReady explains each. */
export const READINESS_PARTS = [
  'consume',
  'fetching',
  'links',
  'redis',
  'leases of accounts',
  'leases of partitions',
  'leases of watch',
] as const;
export type ReadinessPart = (typeof READINESS_PARTS)[number];

/**
 * Readiness of one process. Each part of the process reports its own condition when it changes; answering a probe looks
 * nothing up, so a probe is never slow and never depends on Redis.
 */
export class Health {
  readonly #reasons = new Map<ReadinessPart, string>();

  /** `awaited`: the parts that must report ready before the process is. */
  constructor(awaited: readonly ReadinessPart[]) {
    for (const part of awaited) this.#reasons.set(part, 'not started');
  }

  ready(part: ReadinessPart): void {
    this.#reasons.delete(part);
  }

  notReady(part: ReadinessPart, reason: string): void {
    this.#reasons.set(part, reason);
  }

  /** Why the process is not ready, by part; empty when it is. */
  get problems(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#reasons);
  }

  get isReady(): boolean {
    return this.#reasons.size === 0;
  }
}
