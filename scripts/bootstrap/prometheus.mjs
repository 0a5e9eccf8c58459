// Prometheus and promtool, which tests of alert rules and dashboards need: the system's, or on Debian and Ubuntu one that is
// unpacked into our cache, without root and without changing the system (19 MB of package).
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { aptWithOwnCache } from './apt.mjs';
import { BootstrapError, run, step } from './progress.mjs';

const PROGRAMS = ['prometheus', 'promtool'];

/** The paths of both programs: `{ prometheus, promtool }`. */
export async function providePrometheus({ cacheDir, path = process.env.PATH ?? '' }) {
  const unpacked = join(cacheDir, 'root/usr/bin');
  for (const folder of [...path.split(delimiter).filter(Boolean), unpacked]) {
    const found = await programsIn(folder);
    if (found) return found;
  }
  const failure = await step(`No Prometheus found: fetching one for the tests into ${cacheDir}`, () =>
    unpackPrometheus(cacheDir),
  ).catch((error) => error);
  const found = await programsIn(unpacked);
  if (found) return found;
  throw new BootstrapError(
    'The tests of alert rules and dashboards need prometheus and promtool (2.42 or newer) on the PATH; see ' +
      `https://prometheus.io/download/, or \`brew install prometheus\`.\n\nFetching them did not work: ${failure?.message ?? 'they do not run here'}`,
  );
}

async function programsIn(folder) {
  const paths = PROGRAMS.map((name) => join(folder, name));
  try {
    await Promise.all(paths.map((program) => promisify(execFile)(program, ['--version'], { timeout: 10_000 })));
    return { prometheus: paths[0], promtool: paths[1] };
  } catch {
    return undefined; // not there, or not for this machine: the search goes on
  }
}

async function unpackPrometheus(cacheDir) {
  const fresh = join(cacheDir, 'root.new');
  for (const folder of [join(cacheDir, 'apt'), fresh]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const { apt, archives } = aptWithOwnCache(cacheDir);
  await apt({}, 'update');
  // The two programs are linked statically; nothing that the package depends on is needed to run them.
  await apt({ cwd: archives }, 'download', 'prometheus');
  for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(archives, name), fresh]);
  }
  rmSync(join(cacheDir, 'root'), { recursive: true, force: true });
  renameSync(fresh, join(cacheDir, 'root'));
  rmSync(join(cacheDir, 'apt'), { recursive: true, force: true });
}
