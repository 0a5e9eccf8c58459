import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@rookery/testing';
import { Compilers, projectsOf } from './compilers';

let folder: string;
let said: string[];
let sut: Compilers;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-compilers-')));
  said = [];
  const output = {
    line: () => undefined,
    notice: () => undefined,
    say: (_level: string, text: string) => void said.push(text),
  };
  sut = new Compilers({ env: {}, output, preload: put('preload.js', '') });
});
afterEach(() => {
  sut.stop();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

/** A compiler that says what it was called with, and what the real one says. */
const compiler = (then = 'setInterval(() => {}, 1000);') =>
  put(
    'node_modules/typescript/bin/tsc',
    `console.log('10:00:00 PM - Starting compilation in watch mode...\\n');
     console.log('index.ts(3,4): error TS2322: ' + process.argv.slice(4).join(' '));
     console.log('10:00:01 PM - Found 1 error. Watching for file changes.');
     ${then}`,
  );

describe('Compilers', () => {
  it('tells what does not compile by the name of the plugin, and nothing else', async () => {
    compiler();
    put('plugins/dice/tsconfig.json', '{}');
    sut.follow([join(folder, 'plugins/dice')]);
    sut.follow([join(folder, 'plugins/dice')]);
    await eventually('the error is told', () => said.length > 0);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('dev: dice: index.ts(3,4): error TS2322: --watch --noEmitOnError');
  });

  it('says how to get a compiler where there is none', () => {
    put('plugins/dice/tsconfig.json', '{}');
    sut.follow([join(folder, 'plugins/dice')]);
    expect(said).toEqual([expect.stringContaining('npm install --save-dev typescript')]);
  });

  it('says that a compiler has ended, and begins again with the next change', async () => {
    compiler('process.exit(3)');
    put('plugins/dice/tsconfig.json', '{}');
    sut.follow([join(folder, 'plugins/dice')]);
    await eventually('its end is told', () => said.some((line) => line.includes('the compiler ended with 3')));
    sut.follow([join(folder, 'plugins/dice')]);
    await eventually('it ran again', () => said.filter((line) => line.includes('ended with 3')).length === 2);
    expect(said.at(-1)).toContain('begins again with the next change');
  });
});

describe('projectsOf', () => {
  it('finds those in the plugins folder and those of listed packages, built beside or below their sources', () => {
    put('plugins/a/tsconfig.json', '{}');
    put('plugins/b/index.js', '');
    put('c/tsconfig.json', '{}');
    put('c/dist/index.js', '');
    put('d/tsconfig.json', '{}');
    const modules = ['plugins/a/index.js', 'c/dist/index.js', 'd/index.js', 'tsconfig.js'].map((path) =>
      join(folder, path),
    );
    expect(projectsOf(folder, modules)).toEqual(['c', 'd', 'plugins/a'].map((path) => join(folder, path)));
  });

  it('finds none where there is no folder', () => {
    expect(projectsOf(join(folder, 'nowhere'), [])).toEqual([]);
  });
});
