import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SIZES } from './sizes';

const ROOT = join(__dirname, '../../..');
const BUILDS = join(ROOT, '.cache/builds');
/** All that a build is made of. */
const SOURCES = ['apps', 'libs', 'package.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', '.swcrc'];

/**
 * The build that today's has to work beside: that of the last release. None has been released yet, so it is the first commit whose
 * envelopes are as today's (docs/decisions/0018, 0023).
 */
const OLDER = '1c60ec985903b12a89174936fb81839db7ad0089';

export interface OlderBuild {
  /** For the names of tests. */
  readonly name: string;
  /** Makes it, or finds it made. The folder that holds its `dist`. */
  provide(): string;
}

/** From the history of this clone. A clone without it (shallow, or no clone at all) has today's build instead, and its name says so. */
export function olderBuild(): OlderBuild {
  const commit = SIZES.older ?? OLDER;
  if (!isInHistory(commit)) {
    const lack = `commit ${commit} is not in the history of this folder (git fetch --unshallow)`;
    return {
      name: `today's build in place of an older one, since ${lack}`,
      provide() {
        console.warn(`NOT TESTED WITH AN OLDER BUILD: ${lack}. The upgrade ran with two copies of today's build.`);
        return ROOT;
      },
    };
  }
  return { name: `the build of ${commit.slice(0, 7)}`, provide: () => build(commit) };
}

function isInHistory(commit: string): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT, stdio: 'ignore' });
    return true;
  } catch {
    return false; // not in this clone, or no clone, or no git
  }
}

function build(commit: string): string {
  const folder = join(BUILDS, commit);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const sources = execFileSync('git', ['archive', commit, '--', ...SOURCES], {
    cwd: ROOT,
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync('tar', ['-x'], { cwd: fresh, input: sources });
  symlinkSync(join(ROOT, 'node_modules'), join(fresh, 'node_modules'));
  execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: fresh, stdio: 'pipe' });
  renameSync(fresh, folder);
  return folder;
}
