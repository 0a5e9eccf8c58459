// Makes a fresh clone runnable on a machine with nothing but Node: packages, build, Redis. Uses nothing outside Node itself.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './bootstrap/build.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { installPackages } from './bootstrap/packages.mjs';
import { BootstrapError } from './bootstrap/progress.mjs';
import { providePrometheus } from './bootstrap/prometheus.mjs';
import { provideRedis } from './bootstrap/redis.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export async function preparePackages() {
  checkNodeVersion();
  await installPackages(root);
}

export async function prepareBuild() {
  await preparePackages();
  await build(root);
}

/** Path of a redis-server. */
export const prepareRedis = () => provideRedis({ cacheDir: join(root, '.cache/redis') });

/** Paths of prometheus and promtool, for tests only. */
export const preparePrometheus = () => providePrometheus({ cacheDir: join(root, '.cache/prometheus') });

/** Runs a script’s main function: failures that are explained already are printed without a stack; exit code 1. */
export async function main(run) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`\n${error instanceof BootstrapError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
