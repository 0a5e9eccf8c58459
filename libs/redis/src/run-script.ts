import { hash } from 'node:crypto';
import { toError } from '@rookery/protocol';
import type { Redis } from './client';

const digests = new Map<string, string>();

/**
 * Runs a Lua script by its digest, so that its text travels once per server and not with every call. Rejects as the script does.
 * A server that does not know it (new, restarted, flushed) is told the text.
 */
export async function runScript(
  redis: Redis,
  script: string,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const rest = [keys.length, ...keys, ...args] as const;
  return tellingItsText(
    () => redis.evalsha(digestOf(script), ...rest),
    () => redis.eval(script, ...rest),
  );
}

/** The same, with every text of the answer as the bytes that came. */
export async function runScriptForBytes(
  redis: Redis,
  script: string,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const rest = [keys.length, ...keys, ...args] as const;
  return tellingItsText(
    () => redis.callBuffer('evalsha', digestOf(script), ...rest),
    () => redis.callBuffer('eval', script, ...rest),
  );
}

async function tellingItsText(byDigest: () => Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byDigest();
  } catch (thrown) {
    if (!toError(thrown).message.startsWith('NOSCRIPT')) throw thrown;
    return byText();
  }
}

function digestOf(script: string): string {
  let digest = digests.get(script);
  if (digest === undefined) {
    digest = hash('sha1', script);
    digests.set(script, digest);
  }
  return digest;
}
