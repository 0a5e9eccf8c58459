import {
  assertNever,
  RookeryError,
  STORAGE_LIST_MAX,
  type StorageAnswer,
  type StorageOperation,
  type StorageScope,
} from '@rookery/protocol';
import { milliseconds, type Duration } from '../duration';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

export interface Keep {
  /** Forgotten after this time; without it, kept until it is deleted. */
  readonly for?: Duration;
}

/** Swaps that another handler came before; then there is something wrong with how the value is used. */
const TRIES = 10;

/**
 * Values of a plugin by name, in one scope: 256 KiB under 1,000 names. They are in Redis and outlive every process; what is
 * asked in one go travels together. Rejects with STATE_REFUSED for what has no room or cannot be written as JSON.
 */
export class Values {
  readonly #scope: StorageScope;
  readonly #run: (scope: StorageScope, operation: StorageOperation) => Promise<StorageAnswer>;

  constructor(scope: StorageScope, run: (scope: StorageScope, operation: StorageOperation) => Promise<StorageAnswer>) {
    this.#scope = scope;
    this.#run = run;
  }

  /** Undefined when nothing is stored. What was stored is trusted to be of the type. */
  async get<T extends Json = Json>(name: string): Promise<T | undefined> {
    return parsed<T>(await this.#value({ op: 'get', name }));
  }

  async set(name: string, value: Json, keep: Keep = {}): Promise<void> {
    await this.#run(this.#scope, { op: 'set', name, value: written(name, value), ...ttl(keep) });
  }

  async delete(name: string): Promise<void> {
    await this.#run(this.#scope, { op: 'delete', name });
  }

  /** Adds to a whole number, 0 where there is none yet, and gives the sum; `keep` counts from the first addition on. */
  async increment(name: string, by = 1, keep: Keep = {}): Promise<number> {
    if (!Number.isSafeInteger(by)) throw refused(`${by} is no whole number to add to "${name}"`);
    return Number(await this.#value({ op: 'add', name, by, ...ttl(keep) }));
  }

  /**
   * Puts what `change` makes of the present value in its place, and gives it back. `change` is called again when another
   * handler was faster, so it must do nothing else. Undefined deletes.
   */
  async update<T extends Json>(
    name: string,
    change: (value: T | undefined) => T | undefined,
    keep: Keep = {},
  ): Promise<T | undefined> {
    let expected = await this.#value({ op: 'get', name });
    for (let tries = 0; tries < TRIES; tries++) {
      const changed = change(parsed<T>(expected));
      const value = changed === undefined ? '' : written(name, changed);
      if (value === '' && expected === null) return undefined;
      const answer = await this.#run(this.#scope, { op: 'swap', name, expected, value, ...ttl(keep) });
      if (answer.kind === 'done') return changed;
      expected = valueOf(answer);
    }
    throw refused(
      `"${name}" was changed by others ${TRIES} times while it was updated; use increment, or several names`,
    );
  }

  /**
   * Adds to a whole number without asking Redis: sums are written some seconds later, those of many calls at once, and before
   * anything else is asked of their scope. For what is counted at every message: what a worker that is killed had not written is lost,
   * and what Redis was late to confirm can be counted twice.
   */
  async tally(name: string, by = 1, keep: Keep = {}): Promise<void> {
    if (!Number.isSafeInteger(by)) throw refused(`${by} is no whole number to add to "${name}"`);
    await this.#run(this.#scope, { op: 'tally', name, by, ...ttl(keep) });
  }

  /** The first of those whose name begins with the prefix, in the order of their names; 100 at most, those behind `after`. */
  async list<T extends Json = Json>(
    prefix = '',
    limit = STORAGE_LIST_MAX,
    after?: string,
  ): Promise<readonly { readonly name: string; readonly value: T }[]> {
    const answer = await this.#run(this.#scope, {
      op: 'list',
      prefix,
      limit: Math.min(limit, STORAGE_LIST_MAX),
      ...(after !== undefined && { after }),
    });
    if (answer.kind !== 'list') throw new RookeryError('INTERNAL', `a list was answered with ${answer.kind}`);
    return answer.entries.map(({ name, value }) => ({ name, value: JSON.parse(value) as T }));
  }

  async #value(operation: StorageOperation): Promise<string | null> {
    return valueOf(await this.#run(this.#scope, operation));
  }
}

function valueOf(answer: StorageAnswer): string | null {
  switch (answer.kind) {
    case 'value':
      return answer.value;
    case 'done':
    case 'list':
      throw new RookeryError('INTERNAL', `a value was answered with ${answer.kind}`);
    default:
      return assertNever(answer);
  }
}

function ttl({ for: duration }: Keep): { readonly ttlMs?: number } {
  return duration === undefined ? {} : { ttlMs: milliseconds(duration) };
}

function parsed<T>(value: string | null): T | undefined {
  return value === null ? undefined : (JSON.parse(value) as T);
}

function written(name: string, value: unknown): string {
  let cause: unknown;
  try {
    // Undefined for functions and for undefined itself, whatever the declaration says.
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
  } catch (thrown) {
    cause = thrown;
  }
  throw new RookeryError('STATE_REFUSED', `the value of ${JSON.stringify(name)} cannot be written as JSON`, { cause });
}

const refused = (message: string): RookeryError => new RookeryError('STATE_REFUSED', message);
