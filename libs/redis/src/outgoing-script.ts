import type { SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';

/**
 * Runs a script of scripts/outgoing for an account, with the keys and arguments that all of them begin with. `time`: for tests that
 * move it; otherwise Redis' own clock counts. `more`: keys that only this call uses.
 */
export function outgoingScript(redis: Redis, time: (() => number) | undefined) {
  return (
    script: string,
    self: SelfId,
    args: readonly (string | number)[],
    more: readonly string[] = [],
  ): Promise<unknown> => {
    const used = redis.isCluster ? [...namedKeys(self), ...more] : [keys.fence(self)];
    const prefixes = [keys.outgoing(self, ''), keys.sending(self, ''), time === undefined ? '' : time()];
    return runScript(redis, script, used, [...prefixes, ...args]);
  };
}

/** A Redis Cluster executes a call only where all keys are that it names: while a slot moves, nothing is decided on the half of them. */
function namedKeys(self: SelfId): readonly string[] {
  const queue = ['prioritized', 'wait', 'delayed'].map((part) => keys.outgoing(self, part));
  const own = ['rooms', 'held', 'expiry', 'pace'].map((part) => keys.sending(self, part));
  return [keys.fence(self), ...queue, ...own];
}
