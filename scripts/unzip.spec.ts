import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const MODULE = pathToFileURL(join(__dirname, 'bootstrap/unzip.mjs')).href;

/** An archive of two files, one packed and one stored, made with nothing but Node. */
const MAKE = `
  import { deflateRawSync } from 'node:zlib';
  import { unzip } from ${JSON.stringify(MODULE)};
  const files = [['a/packed', 'x'.repeat(1000), 8], ['stored', 'as it is', 0]];
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, text, method] of files) {
    const data = method === 8 ? deflateRawSync(Buffer.from(text)) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(3, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    const whole = Buffer.concat([local, Buffer.from(name), Buffer.from('xyz'), data]);
    parts.push(whole);
    entries.push(entry, Buffer.from(name));
    at += whole.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  const archive = Buffer.concat([...parts, ...entries, end]);
`;

function evaluate(expression: string): unknown {
  const args = ['--input-type=module', '-e', `${MAKE} process.stdout.write(JSON.stringify(${expression}) ?? 'none')`];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return stdout === '' ? stderr : stdout === 'none' ? undefined : JSON.parse(stdout);
}

describe('unzip', () => {
  it('gives the content of a packed file and of a stored one, and nothing for a name that is not there', () => {
    expect(evaluate("unzip(archive, 'a/packed').toString()")).toBe('x'.repeat(1000));
    expect(evaluate("unzip(archive, 'stored').toString()")).toBe('as it is');
    expect(evaluate("unzip(archive, 'packed')")).toBeUndefined();
  });

  it('says when it is no archive', () => {
    expect(evaluate("unzip(Buffer.from('no archive'), 'a')")).toContain('not a ZIP archive');
  });
});
