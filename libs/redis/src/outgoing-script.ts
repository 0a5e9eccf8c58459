import type { SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';

/**
 * Runs a script of scripts/outgoing for an account, with the keys and arguments that all of them begin with. `time`: for tests that
 * move it; otherwise Redis' own clock counts.
 */
export function outgoingScript(redis: Redis, time: (() => number) | undefined) {
  return (
    script: string,
    self: SelfId,
    more: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> => {
    const queue = ['prioritized', 'wait', 'delayed'].map((part) => keys.outgoing(self, part));
    const own = ['rooms', 'held', 'expiry', 'pace'].map((part) => keys.sending(self, part));
    const prefixes = [keys.outgoing(self, ''), keys.sending(self, ''), time === undefined ? '' : time()];
    return runScript(redis, script, [...queue, ...own, keys.fence(self), ...more], [...prefixes, ...args]);
  };
}
