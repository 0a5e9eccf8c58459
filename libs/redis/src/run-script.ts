import { hash } from 'node:crypto';
import { toError } from '@rookery/protocol';
import type { Redis } from './client';
import { ScriptCommand, type ScriptArgument } from './script-command';

const digests = new Map<string, string>();

/**
 * Runs a Lua script by its digest, so that its text travels once per server and not with every call. Rejects as the script does.
 * A server that does not know it (new, restarted, flushed) is told the text.
 */
export async function runScript(
  redis: Redis,
  script: string,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await redis.sendCommand(new ScriptCommand(digestOf(script), keys, args, 'utf8'));
  } catch (thrown) {
    if (!isUnknown(thrown)) throw thrown;
    return redis.eval(script, keys.length, ...keys, ...args);
  }
}

/** The same, with every text of the answer as the bytes that came. */
export async function runScriptForBytes(
  redis: Redis,
  script: string,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await redis.sendCommand(new ScriptCommand(digestOf(script), keys, args, null));
  } catch (thrown) {
    if (!isUnknown(thrown)) throw thrown;
    return redis.callBuffer('eval', script, keys.length, ...keys, ...args);
  }
}

/** The server does not know the script. */
const isUnknown = (thrown: unknown): boolean => toError(thrown).message.startsWith('NOSCRIPT');

function digestOf(script: string): string {
  let digest = digests.get(script);
  if (digest === undefined) {
    digest = hash('sha1', script);
    digests.set(script, digest);
  }
  return digest;
}
