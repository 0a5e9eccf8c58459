import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** As Docker reads it: the last line that fits a path, or a folder above it, decides. */
function contextOf(ignore: string, files: readonly string[]): string[] {
  const rules = ignore
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: matcher(line.replace(/^!/, '')) }));
  return files.filter((file) => rules.findLast(({ pattern }) => pattern.test(file))?.keeps ?? true);
}

function matcher(glob: string): RegExp {
  const text = glob
    .split(/(\*\*\/|\*)/)
    .map((part) =>
      part === '**/' ? '(?:.*/)?' : part === '*' ? '[^/]*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${text}(?:/|$)`);
}

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const context = contextOf(read('.dockerignore'), tracked);
const dockerfile = read('deploy/Dockerfile').replaceAll('\\\n', ' ');
const lines = dockerfile.split('\n').filter((line) => /^[A-Z]/.test(line));
const final = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
/** Sources of a stage's COPY lines that come from the context. */
const copied = lines
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) =>
    line
      .split(/\s+/)
      .slice(1, -1)
      .filter((word) => !word.startsWith('--')),
  );

describe('the context of the image', () => {
  it('reads the rules as Docker does', () => {
    const files = [
      'a.spec.ts',
      'apps/a.ts',
      'apps/x/a.spec.ts',
      'docs/a.md',
      'libs/testing/src/a.ts',
      'libs/redis/a.ts',
    ];
    expect(contextOf('*\n!apps\n!libs\n**/*.spec.ts\nlibs/testing', files)).toEqual(['apps/a.ts', 'libs/redis/a.ts']);
  });

  it('holds sources of the program and what builds them, and no development files', () => {
    const allowed =
      /^(?:apps\/|libs\/|package(?:-lock)?\.json$|nest-cli\.json$|tsconfig(?:\.build)?\.json$|\.swcrc$|LICENSE$|rookery\.example\.yaml$|deploy\/docker\/)/;
    expect(context.filter((path) => !allowed.test(path))).toEqual([]);
    expect(
      context.filter(
        (path) => /\.spec\.ts$|^libs\/testing\/|secret|\.env/.test(path) && !/libs\/config\/src\/secret/.test(path),
      ),
    ).toEqual([]);
    expect(context).toEqual(
      expect.arrayContaining(['apps/worker/src/main.ts', 'apps/cli/src/main.ts', 'package-lock.json']),
    );
  });

  it('holds everything that is copied', () => {
    expect(
      copied.filter((source) => !context.some((path) => path === source || path.startsWith(`${source}/`))),
    ).toEqual([]);
  });
});

describe('the image', () => {
  it('is built from one version of Node that fits `engines`', () => {
    const base = /^ARG NODE_IMAGE=node:(\d+)\.\d+\.\d+-\S+$/m.exec(dockerfile);
    expect(Number(base?.[1])).toBeGreaterThanOrEqual(20);
    expect(
      lines.filter((line) => line.startsWith('FROM ')).every((line) => line.startsWith('FROM ${NODE_IMAGE}')),
    ).toBe(true);
  });

  it('takes production packages, the build and three files, runs as a numbered user, and is probed', () => {
    expect(lines.filter((line) => line.startsWith('RUN npm ci')).map((line) => line.includes('--omit=dev'))).toEqual([
      false,
      true,
    ]);
    expect(final.filter((line) => line.startsWith('COPY')).map((line) => line.split(/\s+/).at(-1))).toEqual([
      'node_modules',
      'dist',
      './',
      '/usr/local/bin/rookery',
    ]);
    expect(final.filter((line) => line.startsWith('COPY --from=')).map((line) => line.split(/\s+/)[1])).toEqual([
      '--from=dependencies',
      '--from=build',
    ]);
    expect(final).toContain('USER 1000:1000');
    expect(final.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
    expect(final.some((line) => line.startsWith('RUN'))).toBe(false);
  });

  it.each([
    [['worker'], '--enable-source-maps /app/dist/apps/worker/src/main.js'],
    [['doctor', '--json'], '--enable-source-maps /app/dist/apps/cli/src/main.js doctor --json'],
    [[], '--enable-source-maps /app/dist/apps/cli/src/main.js'],
  ])('starts %j', (args, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-image-'));
    try {
      writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$@"\n');
      chmodSync(join(folder, 'node'), 0o755);
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      const said = execFileSync('/bin/sh', [join(ROOT, 'deploy/docker/rookery'), ...args], { env, encoding: 'utf8' });
      expect(said.trim()).toBe(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
