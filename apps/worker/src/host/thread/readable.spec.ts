import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readable } from './readable';

let disk: string;
beforeEach(() => {
  disk = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-readable-')));
  put('rookery/package.json');
  put('rookery/rookery.yaml');
  put('rookery/dist/apps/worker/entry.js');
  put('rookery/node_modules/zod/index.js');
});
afterEach(() => rmSync(disk, { recursive: true, force: true }));

function put(path: string): string {
  mkdirSync(dirname(join(disk, path)), { recursive: true });
  writeFileSync(join(disk, path), '');
  return join(disk, path);
}

/** What may be read for a plugin, without what is ours, below the disk. */
function ofPlugin(module: string): readonly string[] {
  const ours = ['rookery/dist', 'rookery/package.json', 'rookery/node_modules'].map((path) => join(disk, path));
  const all = readable(join(disk, 'rookery/dist/apps/worker/entry.js'), module);
  expect(all).toEqual(expect.arrayContaining(ours));
  return all.filter((path) => !ours.includes(path)).map((path) => path.slice(disk.length + 1));
}

describe('readable', () => {
  it('is the folder of an index.js, and never that of rookery.yaml', () => {
    expect(ofPlugin(put('rookery/plugins/dice/index.js'))).toEqual(['rookery/plugins/dice']);
  });

  it('is a script alone where it is no index.js', () => {
    expect(ofPlugin(put('rookery/plugins/dice.js'))).toEqual(['rookery/plugins/dice.js']);
  });

  it('is the package around what was built, with the packages that it finds', () => {
    put('home/node_modules/left-pad/index.js');
    expect(ofPlugin(put('home/rookery-plugin-dice/dist/index.js'))).toEqual([
      'home/rookery-plugin-dice',
      'home/node_modules',
    ]);
  });

  it('follows a package that is linked, and names what is not there as it is', () => {
    put('home/dice/dist/index.js');
    put('rookery/node_modules/other/index.js');
    symlinkSync(join(disk, 'home/dice'), join(disk, 'rookery/node_modules/dice'));
    expect(ofPlugin(join(disk, 'rookery/node_modules/dice/dist/index.js'))).toEqual([
      'rookery/node_modules/dice',
      'home/dice',
    ]);
    expect(ofPlugin(join(disk, 'gone/index.js'))).toEqual(['gone']);
  });
});
