import {
  assertNever,
  MINUTE,
  partitionOf,
  RookeryError,
  STORAGE_LIMITS,
  STORAGE_LIST_MAX,
  STORAGE_NAME_MAX,
  type StorageAnswer,
  type StorageLimits,
  type StorageOperation,
  type StorageRequest,
  type StorageScope,
} from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { PartitionBatches } from './partition-batches';
import { PLUGIN_STORAGE } from './scripts/plugin-storage';

export interface PluginStorageOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly limits?: StorageLimits;
  /** Milliseconds without any use after which the values of a scope are forgotten. Default 400 days. */
  readonly idleMs?: number;
}

interface ScriptAnswer {
  readonly v?: string | false;
  readonly ok?: true;
  readonly list?: readonly string[] | object;
  readonly full?: true;
  readonly bad?: true;
}

const IDLE_MS = 400 * 24 * 60 * MINUTE;
const BATCH = 64;
/** What a prefix puts before every name, so that none meets the field that counts the bytes. */
const MARK = '.';

/**
 * What plugins remember: JSON values by name, apart for each plugin and scope. The values of one plugin in one scope share a key,
 * those of a conversation in the slot of its partition; they outlive every process. What is asked of one key while a call is
 * under way travels in the next one. Bounded in size; what does not fit is refused, never cut.
 */
export class PluginStorage {
  readonly #operations: PartitionBatches<StorageOperation, ScriptAnswer, string>;

  constructor(private readonly options: PluginStorageOptions) {
    this.#operations = new PartitionBatches({ max: BATCH, run: (key, operations) => this.#run(key, operations) });
  }

  /** Rejects with STATE_REFUSED when there is no room, or when the name or the present value does not fit the operation. */
  async run(plugin: string, { scope, operation }: StorageRequest): Promise<StorageAnswer> {
    checkName(operation);
    const { bytes } = this.options.limits ?? STORAGE_LIMITS;
    // Redis would have to take it all in to refuse it.
    if ('value' in operation && operation.value.length > bytes) throw this.#noRoom(plugin, operation, scope);
    const key = keys.storage(plugin, placeOf(scope, this.options.partitions));
    const answer = await this.#operations.add(key, operation);
    if (answer.full) throw this.#noRoom(plugin, operation, scope);
    if (answer.bad)
      throw new RookeryError('STATE_REFUSED', `what is stored under "${nameOf(operation)}" is no whole number`);
    if (answer.list) return { kind: 'list', entries: pairs(answer.list) };
    return answer.ok || operation.op === 'tally'
      ? { kind: 'done' }
      : { kind: 'value', value: answer.v === false ? null : (answer.v ?? null) };
  }

  async #run(key: string, operations: readonly StorageOperation[]): Promise<readonly ScriptAnswer[]> {
    const { redis, limits = STORAGE_LIMITS, idleMs = IDLE_MS } = this.options;
    const asked = JSON.stringify(operations.map(scripted));
    const answers = await redis.eval(PLUGIN_STORAGE, 1, key, limits.bytes, limits.names, idleMs, asked);
    return JSON.parse(String(answers)) as ScriptAnswer[];
  }

  #noRoom(plugin: string, operation: StorageOperation, scope: StorageScope): RookeryError {
    const { bytes, names } = this.options.limits ?? STORAGE_LIMITS;
    return new RookeryError(
      'STATE_REFUSED',
      `plugin ${plugin} has no room for "${nameOf(operation)}" in its storage of this ${scope.kind}: ` +
        `at most ${bytes} bytes under ${names} names; delete what is not needed`,
    );
  }
}

/** The part of the key that is the scope's own, and the hash tag that it goes by. */
function placeOf(scope: StorageScope, partitions: number): { readonly of: string; readonly partition?: number } {
  switch (scope.kind) {
    case 'conversation':
      return { of: scope.conversation, partition: partitionOf(scope.conversation, partitions) };
    case 'user':
      return { of: `user:${scope.user}` };
    case 'account':
      return { of: `self:${scope.self}` };
    case 'pool':
      return { of: `pool:${scope.pool}` };
    case 'global':
      return { of: 'global' };
    default:
      return assertNever(scope);
  }
}

function scripted(operation: StorageOperation): object {
  switch (operation.op) {
    case 'list':
      return {
        op: 'list',
        prefix: MARK + operation.prefix,
        limit: Math.min(operation.limit, STORAGE_LIST_MAX),
        ...(operation.after !== undefined && { after: MARK + operation.after }),
      };
    case 'get':
    case 'delete':
      return { op: operation.op, field: MARK + operation.name };
    case 'set':
      return { op: 'set', field: MARK + operation.name, value: operation.value, ttl: operation.ttlMs };
    case 'add':
    case 'tally':
      return { op: 'add', field: MARK + operation.name, by: operation.by, ttl: operation.ttlMs };
    case 'swap': {
      // What Lua reads as null would be a value of its own kind; what is left out is nothing at all.
      const { name, expected, value, ttlMs } = operation;
      return { op: 'swap', field: MARK + name, ...(expected !== null && { expected }), value, ttl: ttlMs };
    }
    default:
      return assertNever(operation);
  }
}

/** An empty table of Lua comes as an empty object. */
function pairs(list: readonly string[] | object): { readonly name: string; readonly value: string }[] {
  if (!Array.isArray(list)) return [];
  const flat = list as readonly string[];
  return flat.flatMap((name, at) => (at % 2 === 0 ? [{ name, value: flat[at + 1] ?? 'null' }] : []));
}

function nameOf(operation: StorageOperation): string {
  return operation.op === 'list' ? operation.prefix : operation.name;
}

function checkName(operation: StorageOperation): void {
  const { length } = nameOf(operation);
  if (length <= STORAGE_NAME_MAX && (length > 0 || operation.op === 'list')) return;
  throw new RookeryError('STATE_REFUSED', `a name in a plugin's storage has 1 to ${STORAGE_NAME_MAX} characters`);
}
