import { EventEmitter } from 'node:events';
import { checkLimits } from '@rookery/config';
import { scopeKey, type LimitLayer, type LimitScope, type LimitsPatch } from '@rookery/pacing';
import { poolName, RookeryError, selfId, toError, type ConversationKey } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';

const VERSION = '@version';

interface LimitOverridesEvents {
  /** What stands in Redis under a scope is not of this version of Rookery; it is passed over. */
  unusable: [scope: string, reason: string];
}

/**
 * What operators said about limits at run time, for all nodes. Stronger than rookery.yaml at the same scope. Whoever changes it tells
 * the others over the channel `limitsChanged`; who missed that sees the version.
 */
export class LimitOverrides extends EventEmitter<LimitOverridesEvents> {
  constructor(private readonly redis: Redis) {
    super();
  }

  /** Grows with every change; 0 before the first. */
  async version(): Promise<number> {
    return Number((await this.redis.hget(keys.limits(), VERSION)) ?? 0);
  }

  async all(): Promise<{ readonly version: number; readonly layers: readonly LimitLayer[] }> {
    const { [VERSION]: version = '0', ...said } = await this.redis.hgetall(keys.limits());
    const layers: LimitLayer[] = [];
    for (const [name, text] of Object.entries(said)) {
      try {
        const scope = parseScope(name);
        layers.push({ scope, from: 'override', patch: checkLimits(scope, JSON.parse(text), name) });
      } catch (thrown) {
        this.emit('unusable', name, toError(thrown).message);
      }
    }
    return { version: Number(version), layers };
  }

  /** Replaces what was said for the scope. `patch` comes from `checkLimits`. */
  async set(scope: LimitScope, patch: LimitsPatch): Promise<void> {
    await this.redis
      .multi()
      .hset(keys.limits(), scopeKey(scope), JSON.stringify(patch))
      .hincrby(keys.limits(), VERSION, 1)
      .exec();
  }

  /** What the file says counts again. False: nothing had been said for the scope. */
  async clear(scope: LimitScope): Promise<boolean> {
    const removed = await this.redis.hdel(keys.limits(), scopeKey(scope));
    if (removed > 0) await this.redis.hincrby(keys.limits(), VERSION, 1);
    return removed > 0;
  }
}

/** The scope that a text names, as `scopeKey` writes it. Throws CONFIG_INVALID. */
export function parseScope(text: string): LimitScope {
  const at = text.indexOf(':');
  const [of, name] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  try {
    if (of === 'global' && at < 0) return { of };
    if (of === 'pool') return { of, pool: poolName(name) };
    if (of === 'account') return { of, self: selfId(name) };
    if (of === 'conversation' && name !== '') return { of, conversation: name as ConversationKey };
  } catch (cause) {
    throw notAScope(text, cause);
  }
  throw notAScope(text);
}

function notAScope(text: string, cause?: unknown): RookeryError {
  const message = `${JSON.stringify(text.slice(0, 100))} is no scope of limits; it is one of global, pool:<name>, account:<QQ number>, conversation:<key>`;
  return new RookeryError('CONFIG_INVALID', message, { cause });
}
