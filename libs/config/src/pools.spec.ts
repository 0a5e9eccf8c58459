import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load-config';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-pools-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string) => {
  const path = join(folder, 'rookery.yaml');
  writeFileSync(path, text);
  return loadConfig({ ROOKERY_CONFIG: path });
};

describe('pools', () => {
  it('have defaults for everything that is not said', () => {
    const { pools } = load('pools: { games: { assign: { "7": "10001" } } }');
    expect(pools).toEqual({ games: { policy: 'sticky', graceMs: 1500, assign: { '7': '10001' } } });
  });

  it.each([
    ['{ games: { polcy: sticky } }', 'did you mean `policy`?'],
    ['{ games: { policy: random } }', 'must be one of sticky, round-robin, least-loaded, admin-capable'],
    ['{ games: { graceMs: 20000 } }', 'must be from 0 to 10000'],
    ['{ games: { assign: { "7": 10001 } } }', 'must be text: put the number into quotes'],
    ['{ games: { assign: { "7": "lin" } } }', 'must be a QQ number'],
    ['{ games: { assign: { lin: "10001" } } }', 'pools.games.assign.lin: must be a group number'],
    ['{ "a:b": {} }', 'pools.a:b: must be 1 to 64 letters, digits, - or _'],
  ])('are refused: %s', (text, problem) => {
    expect(() => load(`pools: ${text}`)).toThrow(problem);
  });
});
