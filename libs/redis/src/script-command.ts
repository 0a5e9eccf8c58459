import { Command } from 'ioredis';
import { LONG } from './lean-redis';

export type ScriptArgument = string | number | Buffer;

/** What ends an argument and says how long the next one is, by its length. */
const HEADS = Array.from({ length: 256 }, (_, length) => newHead(length));

/**
 * A call of a script that the server knows by its digest, written once. ioredis looks at each argument four times and makes some five short texts of it,
 * and such calls have hundreds. Of ioredis' own view of a command only the keys are kept: they say which server of a Redis Cluster is meant.
 */
export class ScriptCommand extends Command {
  readonly #written: string | Buffer;

  /** `encoding`: of the texts of the answer; null leaves them the bytes that came. */
  constructor(digest: string, keys: readonly string[], args: readonly ScriptArgument[], encoding: 'utf8' | null) {
    super('evalsha', [digest, keys.length, ...keys], { replyEncoding: encoding });
    this.#written = written(digest, keys, args);
  }

  /** The same whenever it is sent again, to the same server or another one. */
  override toWritable(): string | Buffer {
    return this.#written;
  }
}

function written(digest: string, keys: readonly string[], args: readonly ScriptArgument[]): string | Buffer {
  const pieces: Buffer[] = [];
  let text = `*${3 + keys.length + args.length}`;
  const add = (arg: string) => {
    text += head(Buffer.byteLength(arg)) + arg;
  };
  add('evalsha');
  add(digest);
  add(String(keys.length));
  for (const key of keys) add(key);
  for (const arg of args) {
    if (typeof arg === 'number') add(digits(arg));
    else if (typeof arg === 'string' && arg.length < LONG) add(arg);
    else {
      const bytes = typeof arg === 'string' ? Buffer.from(arg) : arg;
      pieces.push(Buffer.from(text + head(bytes.length)), bytes);
      text = '';
    }
  }
  text += '\r\n';
  return pieces.length === 0 ? text : Buffer.concat([...pieces, Buffer.from(text)]);
}

/** As ioredis writes them, who writes what follows an unknown digest. */
const digits = (value: number): string =>
  Number.isSafeInteger(value) || !Number.isInteger(value) ? String(value) : BigInt(value).toString();

const head = (length: number): string => HEADS[length] ?? newHead(length);

function newHead(length: number): string {
  return `\r\n$${length}\r\n`;
}
