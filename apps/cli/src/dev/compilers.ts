import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Environment } from '@rookery/config';
import type { Output } from '../up/output';
import { rootOf } from './plugin-folder';

export interface CompilersOptions {
  readonly env: Environment;
  readonly output: Output;
  /** Compiled script that ends a process with its parent. */
  readonly preload: string;
}

/** What the compiler says when there is nothing to say. */
const QUIET = /^$| - (?:Starting compilation|File change detected|Found \d+ errors?)/;

/**
 * One TypeScript compiler per plugin that has a tsconfig.json, watching. It writes JavaScript only when there is no error, so that the
 * worker never sees code that does not compile. The compiler is the one that the plugin's own folder has.
 */
export class Compilers {
  readonly #running = new Map<string, ChildProcess>();

  constructor(private readonly options: CompilersOptions) {}

  /** Starts what is new and ends what is gone. */
  follow(projects: readonly string[]): void {
    for (const [project, compiler] of this.#running) {
      if (projects.includes(project)) continue;
      this.#running.delete(project);
      compiler.kill();
    }
    for (const project of projects) if (!this.#running.has(project)) this.#start(project);
  }

  stop(): void {
    this.follow([]);
  }

  #start(project: string): void {
    const { env, output, preload } = this.options;
    const script = compilerOf(project);
    if (script === undefined) {
      output.say(
        'error',
        `dev: ${project} is written in TypeScript; \`npm install --save-dev typescript\` there, then start again`,
      );
      return;
    }
    const args = ['-p', project, '--watch', '--noEmitOnError', '--preserveWatchOutput', '--pretty', 'false'];
    const compiler = spawn(process.execPath, ['--require', preload, script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      cwd: project,
      env: { PATH: env['PATH'] ?? '' },
    });
    this.#running.set(project, compiler);
    const name = basename(project);
    for (const stream of [compiler.stdout, compiler.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (!QUIET.test(line)) output.say('error', `dev: ${name}: ${line}`);
      });
    }
    const ended = (why: string) => {
      if (this.#running.get(project) !== compiler) return; // we ended it
      this.#running.delete(project);
      output.say(
        'error',
        `dev: ${name} is not compiled any more: the compiler ${why}; it begins again with the next change`,
      );
    };
    compiler.once('error', (error) => ended(`could not run (${error.message})`));
    compiler.once('exit', (code, signal) => ended(`ended with ${code ?? signal}`));
  }
}

/** Folders with a tsconfig.json: those in the `plugins` folder, and of listed modules their own or the one above, as in `dist`. */
export function projectsOf(folder: string, modules: readonly string[]): readonly string[] {
  const plugins = join(folder, 'plugins');
  const lying = existsSync(plugins) ? readdirSync(plugins).map((name) => join(plugins, name)) : [];
  const listed = modules.filter((module) => rootOf(module) !== module).flatMap((module) => nearest(dirname(module)));
  return [...new Set([...lying, ...listed])].filter((path) => existsSync(join(path, 'tsconfig.json'))).sort();
}

function nearest(folder: string): readonly string[] {
  return [folder, dirname(folder)].filter((path) => existsSync(join(path, 'tsconfig.json'))).slice(0, 1);
}

function compilerOf(project: string): string | undefined {
  try {
    return createRequire(join(project, 'index.js')).resolve('typescript/bin/tsc');
  } catch {
    return undefined;
  }
}
