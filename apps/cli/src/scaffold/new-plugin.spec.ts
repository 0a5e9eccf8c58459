import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlugin, type NewPluginOptions } from './new-plugin';

const ROOT = join(__dirname, '../../../..');

let cwd: string;
let typesMade: number;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-new-')));
  typesMade = 0;
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const make = (id: string, options: NewPluginOptions = {}, env = {}, root = ROOT) =>
  newPlugin(id, options, { env, cwd, root, makeTypes: async () => void (typesMade += 1) });
const read = (path: string) => readFileSync(join(cwd, path), 'utf8');

describe('newPlugin', () => {
  it('writes source, test, settings of the compiler and a page per language into the plugins folder', async () => {
    const told = (await make('tea-time')).join('\n');
    expect(readdirSync(join(cwd, 'plugins/tea-time')).sort()).toEqual([
      'README.md',
      'README.zh-CN.md',
      'index.test.ts',
      'index.ts',
      'tsconfig.json',
    ]);
    expect(read('plugins/tea-time/index.ts')).toContain('export class TeaTime {');
    expect(told).toContain('cd plugins/tea-time\n  npx tsc && node --test index.test.js');
    expect(typesMade).toBe(1);
  });

  it('lies beside the rookery.yaml that ROOKERY_CONFIG names', async () => {
    await make('tea', {}, { ROOKERY_CONFIG: 'settings/rookery.yaml' });
    expect(existsSync(join(cwd, 'settings/plugins/tea/index.ts'))).toBe(true);
  });

  it('tells what to install where nothing of it is there', async () => {
    const told = (await make('tea')).join('\n');
    expect(told).toMatch(/npm install --save-dev --prefix \. \S+ typescript@\S+ @types\/node@\S+/);
    expect(told).toContain(` ${ROOT} `);
  });

  it('tells nothing to install where everything is there', async () => {
    for (const name of ['rookery', 'typescript', '@types/node']) {
      mkdirSync(join(cwd, 'node_modules', name), { recursive: true });
      writeFileSync(join(cwd, 'node_modules', name, 'package.json'), JSON.stringify({ name, exports: EXPORTS }));
      writeFileSync(join(cwd, 'node_modules', name, 'kit.js'), '');
    }
    expect((await make('tea')).join('\n')).not.toContain('npm install');
  });

  it('as a package needs a clone by its path, and what is installed by its version', async () => {
    const told = (await make('tea', { package: true })).join('\n');
    expect(JSON.parse(read('rookery-plugin-tea/package.json'))).toMatchObject({
      name: 'rookery-plugin-tea',
      main: 'dist/index.js',
      devDependencies: { rookery: `file:${ROOT}`, typescript: expect.any(String), '@types/node': expect.any(String) },
    });
    expect(told).toContain('npm install\n  npm test');
    const installed = join(cwd, 'node_modules/rookery');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'package.json')));
    await make('milk', { package: true }, {}, installed);
    expect(JSON.parse(read('rookery-plugin-milk/package.json'))).toMatchObject({
      devDependencies: { rookery: expect.stringMatching(/^\^\d+\./) },
    });
  });

  it.each(['Tea', '1tea', 'te a', '../tea', '', 'x'.repeat(33)])(
    'refuses the name %j and writes nothing',
    async (id) => {
      await expect(make(id)).rejects.toThrow('cannot name a plugin');
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it('leaves what is there alone', async () => {
    await make('tea');
    writeFileSync(join(cwd, 'plugins/tea/index.ts'), 'mine');
    await expect(make('tea')).rejects.toThrow('is there already');
    expect(read('plugins/tea/index.ts')).toBe('mine');
  });
});

const EXPORTS = { './plugin-kit': './kit.js', './package.json': './package.json' };
