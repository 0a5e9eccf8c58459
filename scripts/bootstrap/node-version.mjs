import { BootstrapError } from './progress.mjs';

// The same floor as `engines` in package.json: Nest 12 is made of ES modules, which older versions cannot require().
const FLOOR = [20, 19];

export function checkNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return;
  throw new BootstrapError(
    `Rookery needs Node.js ${FLOOR.join('.')} or newer; this is ${version}.\n` +
      'Install it from https://nodejs.org/ or with a version manager (`nvm install 20`), then run the command again.',
  );
}
