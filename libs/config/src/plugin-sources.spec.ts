import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load-config';
import { pluginSources } from './plugin-sources';

let folder: string;
const put = (path: string, text = '') => {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
};
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-plugins-')));
  // There from the beginning: Jest remembers which folders it has not found.
  put('node_modules/rookery-plugin-dice/lib/main.js');
  put('node_modules/rookery-plugin-dice/package.json', '{"main":"lib/main.js"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modules = (...listed: string[]) =>
  pluginSources(
    folder,
    listed.map((module) => ({ module, config: {}, isolation: 'thread' as const })),
  ).map(({ module }) => module);

describe('pluginSources', () => {
  it('is what is listed where there is no plugins folder, also what is not there: the worker reports it', () => {
    expect(modules('./gone.js', 'gone')).toEqual([join(folder, 'gone.js'), join(folder, 'gone')]);
  });

  it('finds a package of npm by its name, beside the file', () => {
    const main = join(folder, 'node_modules/rookery-plugin-dice/lib/main.js');
    expect(modules('rookery-plugin-dice')).toEqual([main]);
  });

  it('adds scripts and folders of plugins/, each once; no tests, hidden files, sources and folders without index.js', () => {
    const [b, a] = [put('plugins/b.js'), put('plugins/a/index.js')];
    for (const other of ['a.spec.js', '.hidden.js', 'notes.md', 'c.ts', 'd/readme.txt']) put(`plugins/${other}`);
    expect(modules()).toEqual([a, b]);
    expect(modules('./plugins/b.js')).toEqual([b, a]);
  });

  it('a configuration has both, and what is listed keeps its config', () => {
    const file = put('rookery.yaml', 'plugins: [{ module: ./plugins/b.js, config: { city: x }, isolation: process }]');
    expect(loadConfig({ ROOKERY_CONFIG: file }).plugins).toEqual([
      { module: join(folder, 'plugins/b.js'), config: { city: 'x' }, isolation: 'process' },
      { module: join(folder, 'plugins/a/index.js'), config: {}, isolation: 'thread' },
    ]);
  });

  it('without a rookery.yaml the plugins folder of the working folder counts, with absolute paths, as workers load them', () => {
    const before = process.cwd();
    const module = put('elsewhere/plugins/dice/index.js');
    process.chdir(join(folder, 'elsewhere'));
    try {
      expect(loadConfig({}).plugins).toEqual([{ module, config: {}, isolation: 'thread' }]);
    } finally {
      process.chdir(before);
    }
  });
});
