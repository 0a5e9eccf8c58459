import type { SelfId } from '@rookery/protocol';
import { apartAnswer } from './apart-answer';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';

/** What a call of several accounts is to do for one of them. `named`: keys that only this call uses, where keys have to be named. */
export interface OfAccount {
  readonly self: SelfId;
  readonly args: readonly (string | number)[];
  readonly named: readonly string[];
}

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
  ): Promise<unknown> =>
    runScript(redis, script, keysOf(redis, self, more), [time?.() ?? '', ...prefixes(self), ...args]);
}

/**
 * The same for scripts that act for several accounts in one call, on a Redis Cluster for one. `shared`: what comes before the parts, of which
 * each account has one. Returns the answer for each account, or an error where only what was asked of that one has failed.
 */
export function jointScript(redis: Redis, time: (() => number) | undefined) {
  return async (
    script: string,
    shared: readonly (string | number)[],
    parts: readonly OfAccount[],
  ): Promise<ReadonlyMap<SelfId, unknown>> => {
    const used: string[] = [];
    const args: (string | number)[] = [time?.() ?? '', ...shared];
    for (const { self, named, args: own } of parts) {
      used.push(...keysOf(redis, self, named));
      args.push(...prefixes(self), ...own);
    }
    const answers = (await runScript(redis, script, used, args)) as readonly unknown[];
    return new Map(parts.map(({ self }, at) => [self, apartAnswer(answers[at])]));
  };
}

function prefixes(self: SelfId): readonly string[] {
  return [keys.outgoing(self, ''), keys.sending(self, '')];
}

function keysOf(redis: Redis, self: SelfId, more: readonly string[]): readonly string[] {
  return redis.isCluster ? [...namedKeys(self), ...more] : [keys.fence(self)];
}

/** A Redis Cluster executes a call only where all keys are that it names: while a slot moves, nothing is decided on the half of them. */
function namedKeys(self: SelfId): readonly string[] {
  const queue = ['prioritized', 'wait', 'delayed'].map((part) => keys.outgoing(self, part));
  const own = ['rooms', 'held', 'expiry', 'pace'].map((part) => keys.sending(self, part));
  return [keys.fence(self), ...queue, ...own];
}
