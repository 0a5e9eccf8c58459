import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackRedisWithApt, unpackedRedis } from './apt.mjs';
import { BootstrapError, step } from './progress.mjs';

const NAMES = ['redis-server', 'valkey-server'];
const USUAL_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/usr/sbin', '/snap/bin'];

/** Folders where a system keeps its servers. */
const systemPath = () => [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...USUAL_FOLDERS];

/**
 * The path of a Redis 6.2 or newer, in this order: the one that REDIS_SERVER_BIN names, the system's, the one unpacked earlier
 * into `cacheDir`, and on Debian and Ubuntu one that is unpacked there now, without root and without changing the system.
 */
export async function provideRedis({ cacheDir, configured = process.env.REDIS_SERVER_BIN, searchPath = systemPath() }) {
  if (configured) {
    if (await isSuitable(configured)) return configured;
    throw new BootstrapError(`REDIS_SERVER_BIN=${configured} is no Redis 6.2 or newer; correct or unset it.`);
  }
  for (const folder of searchPath) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (await isSuitable(path)) return path;
    }
  }
  const cached = unpackedRedis(cacheDir);
  if (await isSuitable(cached)) return cached;
  const apt = await findProgram('apt-get', searchPath);
  if (apt !== undefined) {
    const title = `No Redis found: fetching one from this system’s package sources into ${cacheDir}, nothing else changes`;
    const failure = await step(title, () => unpackRedisWithApt(cacheDir)).catch((error) => error);
    if (await isSuitable(cached)) return cached;
    throw new BootstrapError(
      `${howToGetRedis()}\n\nFetching it did not work: ${failure?.message ?? 'it does not run here'}`,
    );
  }
  throw new BootstrapError(howToGetRedis());
}

// BullMQ wants 6.2; older servers lack commands that it uses
async function isSuitable(path) {
  if (!isExecutable(path)) return false;
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 5_000 });
    const [major = 0, minor = 0] = (/v=([0-9.]+)/.exec(stdout)?.[1] ?? '').split('.').map(Number);
    return major > 6 || (major === 6 && minor >= 2);
  } catch {
    return false; // not for this processor, libraries missing, something else of that name: the search goes on
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** apt-get is taken from the system even where a test hides the system's Redis by another search path. */
async function findProgram(name, searchPath) {
  if (process.platform !== 'linux') return undefined;
  return [...searchPath, '/usr/bin'].map((folder) => join(folder, name)).find(isExecutable);
}

/** What to type on this system. @public for its tests, which run it as a module of its own. */
export function howToGetRedis({ platform = process.platform, osRelease = readOsRelease() } = {}) {
  const docker = '  docker run -d --name rookery-redis -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes';
  const withUrl =
    platform === 'win32'
      ? '  set REDIS_URL=redis://127.0.0.1:6379 && npm start'
      : '  REDIS_URL=redis://127.0.0.1:6379 npm start';
  const own = installCommand(platform, osRelease);
  return [
    'Rookery needs a Redis server (6.2 or newer) and found none.',
    ...(own === undefined ? [] : ['Install one, then run the command again:', `  ${own}`]),
    ...(platform === 'win32'
      ? ['Redis does not run on Windows itself. Either run Rookery inside WSL (`wsl --install`),']
      : []),
    platform === 'win32' ? 'or use Docker:' : 'Or use Docker, or any Redis that you have:',
    docker,
    withUrl,
  ].join('\n');
}

function installCommand(platform, osRelease) {
  if (platform === 'darwin') return 'brew install redis';
  if (platform !== 'linux') return undefined;
  const families = [
    [/debian|ubuntu/, 'sudo apt-get update && sudo apt-get install -y redis-server'],
    [/alpine/, 'apk add redis'],
    [/fedora|rhel|centos/, 'sudo dnf install -y valkey'],
    [/arch/, 'sudo pacman -S valkey'],
    [/suse/, 'sudo zypper install redis'],
  ];
  const ids = /^ID(?:_LIKE)?=.*$/gm;
  const known = (osRelease.match(ids) ?? []).join(' ');
  return families.find(([family]) => family.test(known))?.[1] ?? 'the package `redis` or `valkey` of your system';
}

function readOsRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return ''; // not every system has one
  }
}
