import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { toError } from '@rookery/protocol';
import type { KeyCopy } from '@rookery/redis';
import { CommandFailure } from '../failure';

/**
 * A backup: compressed lines of JSON. The first says what it is, then one per key, and the last how many there were and the digest of all
 * of them, so that a file that was cut off or changed is noticed before anything is restored.
 */
const HEADER = { rookery: 'backup', v: 1 } as const;

const line = z.union([
  z.strictObject({ rookery: z.literal('backup'), v: z.literal(1) }),
  z.strictObject({ key: z.string(), ttlMs: z.number(), value: z.base64() }),
  z.strictObject({ keys: z.number(), sha256: z.string() }),
]);

/** Appears under its name only when it is whole; only this user can read it. Resolves with the number of keys. */
export async function writeBackup(path: string, copies: AsyncIterable<KeyCopy>): Promise<number> {
  let keys = 0;
  const hash = createHash('sha256');
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify(HEADER)}\n`;
    for await (const { key, ttlMs, value } of copies) {
      keys += 1;
      const text = `${JSON.stringify({ key, ttlMs, value: value.toString('base64') })}\n`;
      hash.update(text);
      yield text;
    }
    yield `${JSON.stringify({ keys, sha256: hash.digest('hex') })}\n`;
  }
  const draft = `${path}.part`;
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
  return keys;
}

/** Throws CommandFailure at a file that is no backup, or not whole: then what was yielded before is not to be used. */
export async function* readBackup(path: string): AsyncGenerator<KeyCopy> {
  const refuse = (why: string) =>
    new CommandFailure(`${path} ${why}; nothing can be restored from it\n该备份文件不可用。`);
  const hash = createHash('sha256');
  let keys = 0;
  let stage: 'start' | 'keys' | 'end' = 'start';
  for await (const text of linesOf(path, refuse)) {
    const parsed = line.safeParse(jsonOf(text)).data;
    if (parsed === undefined || (stage === 'start') !== 'rookery' in parsed || stage === 'end')
      throw refuse('is no backup');
    stage = 'keys';
    if ('key' in parsed) {
      keys += 1;
      hash.update(`${text}\n`);
      yield { key: parsed.key, ttlMs: parsed.ttlMs, value: Buffer.from(parsed.value, 'base64') };
    } else if ('keys' in parsed) {
      if (parsed.keys !== keys || parsed.sha256 !== hash.digest('hex'))
        throw refuse('was changed after it was written');
      stage = 'end';
    }
  }
  if (stage !== 'end') throw refuse('is not whole');
}

async function* linesOf(path: string, refuse: (why: string) => Error): AsyncGenerator<string> {
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  try {
    for await (const chunk of source.pipe(unpacked).setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (thrown) {
    throw refuse(`cannot be read (${toError(thrown).message})`);
  } finally {
    source.destroy();
  }
  if (rest !== '') yield rest;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
