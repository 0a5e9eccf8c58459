import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './folder-lock';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOLDER = `
  require('net').createServer((c) => c.end(String(process.pid))).listen(process.argv[1], () => console.log('locked'));`;

describe('lockFolder', () => {
  it('refuses a second holder and names the first', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(`already runs with ${folder} (process ${process.pid})`);
    await lock.release();
  });

  it('is free again after the release, and leaves nothing behind', async () => {
    await (await lockFolder(folder)).release();
    expect(existsSync(join(folder, 'up.sock'))).toBe(false);
    await (await lockFolder(folder)).release();
  });

  it('is free again after its holder was killed, although the socket file stays', async () => {
    const socket = join(folder, 'up.sock');
    const holder = spawn(process.execPath, ['-e', HOLDER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    await expect(lockFolder(folder)).rejects.toThrow(`(process ${holder.pid})`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(existsSync(socket)).toBe(true);
    await (await lockFolder(folder)).release();
  });

  it('makes the folder, for this user only', async () => {
    const lock = await lockFolder(join(folder, 'a/b'));
    await lock.release();
    expect(existsSync(join(folder, 'a/b'))).toBe(true);
  });

  it('says so when the folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(lockFolder(join(folder, 'file/run'))).rejects.toThrow('cannot be made (ENOTDIR); correct `dataDir`');
  });
});
