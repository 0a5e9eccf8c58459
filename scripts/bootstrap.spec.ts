import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-bootstrap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content: string, mode = 0o644) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  chmodSync(join(folder, path), mode);
  return join(folder, path);
};

/** The scripts are ES modules, which Jest cannot load on Node 20: they run where they are at home. */
function evaluate(
  module: string,
  expression: string,
  env: Record<string, string> = {},
): { value?: unknown; error?: string } {
  const code = `
    import * as m from ${JSON.stringify(pathToFileURL(join(__dirname, 'bootstrap', module)).href)};
    const run = async (m, folder) => ${expression};
    const out = (result) => process.stdout.write(JSON.stringify(result));
    run(m, ${JSON.stringify(folder)}).then((value) => out({ value }), (error) => out({ error: error.message }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return JSON.parse(stdout) as { value?: unknown; error?: string };
}

describe('checkNodeVersion', () => {
  it.each(['20.19.0', '20.20.2', '22.1.0', '24.9.0'])('accepts %s', (version) => {
    expect(evaluate('node-version.mjs', `m.checkNodeVersion('${version}')`)).toEqual({});
  });

  it.each(['20.18.1', '18.20.4', '9.0.0'])('refuses %s and says what to install', (version) => {
    const { error } = evaluate('node-version.mjs', `m.checkNodeVersion('${version}')`);
    expect(error).toContain(`needs Node.js 20.19 or newer; this is ${version}`);
    expect(error).toContain('nvm install 20');
  });
});

describe('packagesAreCurrent', () => {
  const current = () => evaluate('packages.mjs', 'm.packagesAreCurrent(folder)').value;
  const lock = (packages: object) => put('package-lock.json', JSON.stringify({ packages }));
  const installed = (packages: object) => put('node_modules/.package-lock.json', JSON.stringify({ packages }));
  const A = { version: '1.0.0' };

  it('is true when everything wanted is there', () => {
    lock({ '': { name: 'x' }, 'node_modules/a': A });
    installed({ 'node_modules/a': A });
    expect(current()).toBe(true);
  });

  it('is true when only packages of other systems are missing', () => {
    lock({
      'node_modules/a': A,
      'node_modules/win': { ...A, optional: true },
      'node_modules/d': { ...A, devOptional: true },
    });
    installed({ 'node_modules/a': A });
    expect(current()).toBe(true);
  });

  it.each<[string, object | undefined]>([
    ['nothing is installed, or an install was cut off', undefined],
    ['a package is missing', {}],
    ['a package has another version', { 'node_modules/a': { version: '0.9.0' } }],
  ])('is false when %s', (_, packages) => {
    lock({ 'node_modules/a': A });
    if (packages !== undefined) installed(packages);
    expect(current()).toBe(false);
  });

  it('is false when the list of what is installed is torn', () => {
    lock({ 'node_modules/a': A });
    put('node_modules/.package-lock.json', '{"packages": {');
    expect(current()).toBe(false);
  });
});

describe('buildIsCurrent', () => {
  const digest = () => evaluate('build.mjs', 'm.sourcesDigest(folder)').value;
  beforeEach(() => {
    put('apps/a/src/main.ts', 'a');
    put('libs/b/src/index.ts', 'b');
    put('tsconfig.json', '{}');
  });

  it('is false without a build, and true once one vouches for these sources', () => {
    const current = () => evaluate('build.mjs', 'm.buildIsCurrent(folder)').value;
    expect(current()).toBe(false);
    put('dist/.sources', String(digest()));
    expect(current()).toBe(true);
    put('apps/a/src/main.ts', 'changed');
    expect(current()).toBe(false);
  });

  it.each<[string, () => void]>([
    ['a changed file', () => put('libs/b/src/index.ts', 'B')],
    ['a new file', () => put('libs/b/src/new.ts', '')],
    ['a deleted file', () => rmSync(join(folder, 'libs/b/src/index.ts'))],
    ['a changed setting', () => put('tsconfig.json', '{ }')],
    ['a moved file', () => cpSync(join(folder, 'apps/a'), join(folder, 'apps/c'), { recursive: true })],
  ])('notices %s', (_, change) => {
    const before = digest();
    change();
    expect(digest()).not.toBe(before);
  });

  it('does not build again for tests, or for times of change alone', () => {
    const before = digest();
    put('apps/a/src/main.spec.ts', 'x');
    utimesSync(join(folder, 'apps/a/src/main.ts'), new Date(0), new Date(0));
    expect(digest()).toBe(before);
  });
});

describe('provideRedis', () => {
  const server = (path: string, version: string) =>
    put(path, `#!/bin/sh\necho "Redis server v=${version} sha=0"\n`, 0o755);
  /** Without apt-get in sight: PATH and the search path lead nowhere else. */
  const provide = (options: object, env: Record<string, string> = {}) =>
    evaluate('redis.mjs', `m.provideRedis({ cacheDir: folder + '/cache', ...${JSON.stringify(options)} })`, env);
  const searchPath = () => [join(folder, 'one'), join(folder, 'two')];

  it('takes the one that REDIS_SERVER_BIN names before all others', () => {
    server('one/redis-server', '7.0.15');
    const named = server('named', '7.2.0');
    expect(provide({ searchPath: searchPath() }, { REDIS_SERVER_BIN: named }).value).toBe(named);
  });

  it('does not fall back silently when that one cannot be used', () => {
    server('one/redis-server', '7.0.15');
    const { error } = provide({ searchPath: searchPath() }, { REDIS_SERVER_BIN: server('named', '5.0.0') });
    expect(error).toMatch(/REDIS_SERVER_BIN=.*named is no Redis 6\.2 or newer; correct or unset it\./);
  });

  it('takes the first suitable one of the system: not too old, and able to run', () => {
    server('one/redis-server', '6.0.16');
    put('one/valkey-server', '#!/bin/sh\nexit 127\n', 0o755);
    put('two/redis-server', 'not executable');
    const valkey = server('two/valkey-server', '8.0.1');
    expect(provide({ searchPath: searchPath() }).value).toBe(valkey);
  });

  it('takes the one unpacked earlier when the system has none', () => {
    const unpacked = server('cache/redis-server', '7.0.15');
    expect(provide({ searchPath: searchPath() }).value).toBe(unpacked);
  });

  it('says what to type, and why the fetching failed, when none can be had', () => {
    put('one/apt-get', '#!/bin/sh\n', 0o755);
    put('bin/apt-get', '#!/bin/sh\necho "Temporary failure resolving"; exit 100\n', 0o755);
    const { error } = provide({ searchPath: searchPath() }, { PATH: join(folder, 'bin') });
    expect(error).toContain('REDIS_URL=redis://127.0.0.1:6379');
    expect(error).toMatch(
      /Fetching it did not work: apt-get .*update: ended with code 100\nTemporary failure resolving/,
    );
  });
});

describe('unpackRedisWithApt', () => {
  it('starts the unpacked server with the libraries unpacked beside it, also after the folder has moved', () => {
    put(
      'bin/apt-get',
      '#!/bin/sh\nfor a in "$@"; do case "$a" in Dir::Cache::archives=*) touch "${a#*=}/x.deb";; esac; done\n',
      0o755,
    );
    put(
      'bin/dpkg-deb',
      '#!/bin/sh\nmkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"\nprintf \'#!/bin/sh\\necho "$LD_LIBRARY_PATH $*"\' > "$3/usr/bin/redis-server"\nchmod +x "$3/usr/bin/redis-server"\n',
      0o755,
    );
    const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
    expect(evaluate('apt.mjs', "m.unpackRedisWithApt(folder + '/cache')", { PATH })).toEqual({});
    cpSync(join(folder, 'cache'), join(folder, 'moved'), { recursive: true });
    const { stdout } = spawnSync(join(folder, 'moved/redis-server'), ['--port', '0'], {
      encoding: 'utf8',
      env: { PATH },
    });
    expect(stdout.trim()).toBe(`${join(folder, 'moved/root/usr/lib/x86_64-linux-gnu')} --port 0`);
    expect(readFileSync(join(folder, 'cache/redis-server'), 'utf8')).not.toContain(folder);
  });
});

describe('howToGetRedis', () => {
  it.each<[string, string, string]>([
    ['linux', 'ID=debian', 'sudo apt-get update && sudo apt-get install -y redis-server'],
    ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"', 'apt-get install -y redis-server'],
    ['linux', 'ID=alpine', 'apk add redis'],
    ['linux', 'ID="fedora"', 'dnf install -y valkey'],
    ['linux', 'ID=arch', 'pacman -S valkey'],
    ['linux', '', 'the package `redis` or `valkey` of your system'],
    ['darwin', '', 'brew install redis'],
    ['win32', '', 'wsl --install'],
  ])('on %s (%s) names %s', (platform, osRelease, command) => {
    const { value } = evaluate('redis.mjs', `m.howToGetRedis(${JSON.stringify({ platform, osRelease })})`);
    expect(value).toContain(command);
    expect(value).toContain('docker run');
  });
});
