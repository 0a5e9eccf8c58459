import { MINUTE, partitionOf, RookeryError, type ConversationKey } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { SET_STATE } from './scripts/set-state';

/** Whose state: each plugin has its own in each conversation. */
export interface StateScope {
  readonly conversation: ConversationKey;
  /** Id of the plugin. */
  readonly plugin: string;
}

export interface StateLimits {
  /** Bytes of names and values, of one plugin in one conversation. */
  readonly bytes: number;
  /** Names, of one plugin in one conversation. */
  readonly names: number;
  /** Milliseconds after the last change until the whole is forgotten. */
  readonly idleMs: number;
}

const LIMITS: StateLimits = { bytes: 256 * 1024, names: 1_000, idleMs: 30 * 24 * 60 * MINUTE };
const NAME_MAX = 200;

/**
 * What plugins remember of a conversation: JSON values by name. Kept in Redis in the slot of the conversation's partition, so
 * it survives the death of a worker and moves with the partition. Bounded in size; what does not fit is refused, never cut.
 */
export class ConversationState {
  constructor(
    private readonly redis: Redis,
    private readonly partitions: number,
    private readonly limits: StateLimits = LIMITS,
  ) {}

  /** Undefined when nothing is stored under the name. */
  async get(scope: StateScope, name: string): Promise<unknown> {
    const stored = await this.redis.hget(this.#key(scope), field(name));
    return stored === null ? undefined : (JSON.parse(stored) as unknown);
  }

  /** Rejects with STATE_REFUSED when there is no room, or when the value cannot be written as JSON. */
  async set(scope: StateScope, name: string, value: unknown): Promise<void> {
    await this.#store(scope, name, json(name, value));
  }

  async delete(scope: StateScope, name: string): Promise<void> {
    await this.#store(scope, name, '');
  }

  /** Forgets everything of the plugin in this conversation. */
  async clear(scope: StateScope): Promise<void> {
    await this.redis.del(this.#key(scope));
  }

  async #store(scope: StateScope, name: string, value: string): Promise<void> {
    const { bytes, names, idleMs } = this.limits;
    const stored = await this.redis.eval(SET_STATE, 1, this.#key(scope), field(name), value, bytes, names, idleMs);
    if (stored === 1) return;
    throw new RookeryError(
      'STATE_REFUSED',
      `plugin ${scope.plugin} has no room for ${JSON.stringify(name)} in ${scope.conversation}: ` +
        `at most ${bytes} bytes under ${names} names; delete what is not needed`,
    );
  }

  #key({ conversation, plugin }: StateScope): string {
    return keys.state(partitionOf(conversation, this.partitions), plugin, conversation);
  }
}

/** A prefix, so that no name meets the field that counts the bytes. */
function field(name: string): string {
  if (name.length > 0 && name.length <= NAME_MAX) return `.${name}`;
  throw new RookeryError('STATE_REFUSED', `a name in a plugin's state has 1 to ${NAME_MAX} characters`);
}

function json(name: string, value: unknown): string {
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
