import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../../..');

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A folder that has nothing to do with this repository but the package that `npm pack` makes of it. */
export class Outside {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-outside-')));

  /** Packs the build and installs it as npm does, without a registry: the packages that it needs are linked from here. */
  async install(): Promise<void> {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    await this.#must('node', [join(ROOT, 'scripts/types.mjs')]);
    await this.#must('npm', ['pack', ROOT, '--ignore-scripts', '--pack-destination', this.folder]);
    for (const name of Object.keys(dependencies)) this.#link(name);
    this.write('package.json', JSON.stringify({ name: 'outside', private: true }));
    const [tarball = ''] = readdirSync(this.folder).filter((name) => name.endsWith('.tgz'));
    await this.#must('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);
    // What an author has besides; npm would have taken it away as nobody's.
    for (const name of ['typescript', '@types/node']) this.#link(name);
    symlinkSync('../typescript/bin/tsc', join(this.folder, 'node_modules/.bin/tsc'));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** What an author's shell has, and the Redis that these tests were given. */
  get env(): NodeJS.ProcessEnv {
    const { PATH = '', HOME = '', REDIS_SERVER_BIN } = process.env;
    return { PATH, HOME, ...(REDIS_SERVER_BIN !== undefined && { REDIS_SERVER_BIN }) };
  }

  /** Runs a program in the folder. `node` is this one. */
  run(program: string, args: readonly string[], folder = this.folder): Promise<Ran> {
    const file = program === 'node' ? process.execPath : program;
    return new Promise((resolve) => {
      execFile(file, args, { cwd: folder, env: this.env }, (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          output: stdout + stderr,
        }),
      );
    });
  }

  tsc(...args: readonly string[]): Promise<Ran> {
    return this.run('node', [join(this.folder, 'node_modules/typescript/bin/tsc'), ...args]);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #must(program: string, args: readonly string[]): Promise<void> {
    const { code, output } = await this.run(program, args);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`);
  }

  #link(name: string): void {
    const path = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), path);
  }
}
