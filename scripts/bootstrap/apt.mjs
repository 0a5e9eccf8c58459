// Redis for Debian and Ubuntu without root: apt works out which packages this machine lacks and downloads them with lists and
// cache of our own; they are only unpacked, never installed. About 1 MB of packages.
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './progress.mjs';

/** A script that starts the unpacked server with the libraries unpacked beside it, so that one path is enough to run it. */
export const unpackedRedis = (cacheDir) => join(cacheDir, 'redis-server');

/** apt-get with lists and archives below `cacheDir`; `apt({ cwd }, ...args)` runs it. */
export function aptWithOwnCache(cacheDir) {
  const lists = join(cacheDir, 'apt/lists');
  const archives = join(cacheDir, 'apt/archives');
  for (const folder of [join(lists, 'partial'), join(archives, 'partial')]) mkdirSync(folder, { recursive: true });
  const options = [
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${join(cacheDir, 'apt')}`,
    `Dir::Cache::archives=${archives}`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
  ].flatMap((option) => ['-o', option]);
  const apt = (how, ...args) => run('apt-get', [...options, '-qq', ...args], { timeoutMs: 180_000, ...how });
  return { apt, archives };
}

export async function unpackRedisWithApt(cacheDir) {
  const fresh = join(cacheDir, 'root.new');
  for (const folder of [join(cacheDir, 'apt'), fresh]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const { apt, archives } = aptWithOwnCache(cacheDir);
  await apt({}, 'update');
  // redis-server is a link into redis-tools. --reinstall: also when dpkg believes that it is installed
  await apt(
    {},
    '--download-only',
    '--no-install-recommends',
    '--reinstall',
    '-y',
    'install',
    'redis-server',
    'redis-tools',
  );
  for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(archives, name), fresh]);
  }
  rmSync(join(cacheDir, 'root'), { recursive: true, force: true });
  renameSync(fresh, join(cacheDir, 'root'));
  rmSync(join(cacheDir, 'apt'), { recursive: true, force: true });
  writeStarter(cacheDir);
}

function writeStarter(cacheDir) {
  const folders = ['usr/lib', 'lib'].flatMap((lib) => {
    const path = join(cacheDir, 'root', lib);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((name) => name.includes('-linux-'))
      .map((name) => `$here/root/${lib}/${name}`);
  });
  // An empty entry in LD_LIBRARY_PATH would mean the current folder.
  const libraries = `LD_LIBRARY_PATH="${folders.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; export LD_LIBRARY_PATH\n`;
  const script = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
${folders.length === 0 ? '' : libraries}exec "$here/root/usr/bin/redis-server" "$@"
`;
  writeFileSync(unpackedRedis(cacheDir), script);
  chmodSync(unpackedRedis(cacheDir), 0o755);
}
