import {
  assertNever,
  RookeryError,
  STORAGE_LIMITS,
  STORAGE_LIST_MAX,
  STORAGE_NAME_MAX,
  type Clock,
  type StorageAnswer,
  type StorageLimits,
  type StorageOperation,
  type StorageRequest,
} from '@rookery/protocol';

interface Stored {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
}

/** What plugins store, as Redis would keep it, for as long as a test lives. */
export class MemoryStorage {
  readonly #scopes = new Map<string, Map<string, Stored>>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: StorageLimits = STORAGE_LIMITS,
  ) {}

  /** Rejects with STATE_REFUSED. */
  async run(plugin: string, { scope, operation }: StorageRequest): Promise<StorageAnswer> {
    checkName(operation);
    const key = JSON.stringify([plugin, scope]);
    const values = this.#scopes.get(key) ?? new Map<string, Stored>();
    this.#scopes.set(key, values);
    const now = this.clock.now();
    for (const [name, { ends }] of values) if (ends <= now) values.delete(name);
    return this.#perform(values, operation);
  }

  #perform(values: Map<string, Stored>, operation: StorageOperation): StorageAnswer {
    switch (operation.op) {
      case 'get':
        return { kind: 'value', value: values.get(operation.name)?.value ?? null };
      case 'set':
        return this.#write(values, operation.name, operation.value, this.#ends(operation.ttlMs));
      case 'delete':
        values.delete(operation.name);
        return { kind: 'done' };
      case 'swap': {
        const { name, expected, value, ttlMs } = operation;
        const present = values.get(name)?.value ?? null;
        if (present !== expected) return { kind: 'value', value: present };
        if (value === '') return this.#perform(values, { op: 'delete', name });
        return this.#write(values, name, value, this.#ends(ttlMs));
      }
      case 'add': {
        const known = values.get(operation.name);
        if (known && !/^-?\d+$/.test(known.value)) {
          throw new RookeryError('STATE_REFUSED', `what is stored under "${operation.name}" is no whole number`);
        }
        const value = String(Number(known?.value ?? 0) + operation.by);
        this.#write(values, operation.name, value, known?.ends ?? this.#ends(operation.ttlMs));
        return { kind: 'value', value };
      }
      case 'tally':
        this.#perform(values, { ...operation, op: 'add' });
        return { kind: 'done' };
      case 'list': {
        const { prefix, after } = operation;
        const entries = [...values].filter(
          ([name]) => name.startsWith(prefix) && (after === undefined || byBytes(name, after) > 0),
        );
        entries.sort(([a], [b]) => byBytes(a, b));
        const limit = Math.min(operation.limit, STORAGE_LIST_MAX);
        return { kind: 'list', entries: entries.slice(0, limit).map(([name, { value }]) => ({ name, value })) };
      }
      default:
        return assertNever(operation);
    }
  }

  #write(values: Map<string, Stored>, name: string, value: string, ends: number): StorageAnswer {
    const others = [...values].filter(([other]) => other !== name);
    const bytes = [...others, [name, { value, ends }] as const].reduce(
      (sum, [of, stored]) => sum + size(of) + size(stored.value) + (Number.isFinite(stored.ends) ? 15 : 2),
      0,
    );
    if (bytes > this.limits.bytes || others.length + 1 > this.limits.names) {
      const { bytes: most, names } = this.limits;
      throw new RookeryError('STATE_REFUSED', `no room for "${name}": at most ${most} bytes under ${names} names`);
    }
    values.set(name, { value, ends });
    return { kind: 'done' };
  }

  #ends(ttlMs: number | undefined): number {
    return ttlMs === undefined ? Number.POSITIVE_INFINITY : this.clock.now() + ttlMs;
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const size = (text: string): number => Buffer.byteLength(text);

function checkName(operation: StorageOperation): void {
  const { length } = operation.op === 'list' ? operation.prefix : operation.name;
  if (length <= STORAGE_NAME_MAX && (length > 0 || operation.op === 'list')) return;
  throw new RookeryError('STATE_REFUSED', `a name in a plugin's storage has 1 to ${STORAGE_NAME_MAX} characters`);
}
