import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/protocol';
import { CommandFailure } from '../failure';
import { DevLoop, type DevSource } from './dev-loop';

let folder: string;
let clock: FakeClock;
let sut: DevLoop;
let sources: () => readonly DevSource[];
let problems: readonly string[] | Error;
let canStart: boolean;
let restarts: number;
let compiled: (readonly DevSource[])[];
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-dev-'));
  clock = new FakeClock();
  sources = () => [{ module: join(folder, 'plugins/dice/index.js') }];
  problems = [];
  canStart = true;
  restarts = 0;
  compiled = [];
  said = [];
  put('plugins/dice/index.js', 'one');
});
afterEach(async () => {
  await sut.stop();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  // Two saves within one tick of the file system's clock are no matter of this test.
  const at = ++saves;
  utimesSync(join(folder, path), at, at);
}
let saves = 1_700_000_000;

function start(): void {
  sut = new DevLoop({
    folder,
    file: join(folder, 'rookery.yaml'),
    clock,
    output: {
      line: () => undefined,
      notice: () => undefined,
      say: (level, message) => void said.push(`${level}: ${message}`),
    },
    sources: () => sources(),
    compile: (now) => void compiled.push(now),
    check: async () => {
      if (problems instanceof Error) throw problems;
      return problems;
    },
    restart: async () => {
      restarts += 1;
      await new Promise<void>((done) => clock.after(1_300, done));
      return canStart;
    },
  });
  sut.start();
  said = [];
}

/** As often as it takes to see a change, see it settled, and act. */
async function looks(times = 12): Promise<void> {
  for (let n = 0; n < times; n++) await clock.advanceAsync(200);
}

describe('DevLoop', () => {
  it('starts the worker anew for changed code, and says in one line what, how long, and that connections stayed', async () => {
    start();
    put('plugins/dice/index.js', 'two');
    await looks();
    expect(restarts).toBe(1);
    expect(said).toEqual(['info: dev: dice changed; the worker was restarted in 1.3 s, connections stayed up']);
  });

  it('waits until a save is whole', async () => {
    start();
    for (const text of ['a', 'b', 'c']) {
      put('plugins/dice/index.js', text);
      await looks(1);
    }
    expect(restarts).toBe(0);
    await looks();
    expect(restarts).toBe(1);
  });

  it('keeps the old worker when a plugin cannot be loaded, and names it', async () => {
    start();
    problems = ['dice/index.js cannot be loaded: x is not defined'];
    put('plugins/dice/index.js', 'x');
    await looks();
    expect(restarts).toBe(0);
    expect(said).toEqual([
      'error: dev: dice changed, and the worker stays as it was: dice/index.js cannot be loaded: x is not defined',
    ]);
    problems = [];
    put('plugins/dice/index.js', 'mended');
    await looks();
    expect(restarts).toBe(1);
  });

  it('keeps the old worker when the check itself dies', async () => {
    start();
    problems = new Error('plugins ended with code 7 before it was ready');
    put('plugins/dice/index.js', 'process.exit(7)');
    await looks();
    expect([restarts, said]).toEqual([0, [expect.stringContaining('ended with code 7')]]);
  });

  it('claims nothing when the new worker could not start', async () => {
    start();
    canStart = false;
    put('plugins/dice/index.js', 'two');
    await looks();
    expect([restarts, said]).toEqual([1, []]);
  });

  it.each([
    ['the same written again', 'plugins/dice/index.js', 'one'],
    ['a test', 'plugins/dice/index.test.js', 'new'],
    ['a page', 'plugins/dice/README.md', 'new'],
    ['what is compiled first', 'plugins/dice/index.ts', 'new'],
    ['a package that a plugin depends on', 'plugins/node_modules/x/index.js', 'new'],
    ['settings of the compiler', 'plugins/dice/tsconfig.json', '{}'],
    ['settings of something else', 'rookery.yaml', 'locale: en'],
  ])('does nothing about %s', async (_what, path, text) => {
    start();
    put(path, text);
    await looks();
    expect([restarts, said]).toEqual([0, []]);
  });

  it('takes plugins in that are new in the folder or in the settings, and has them compiled', async () => {
    start();
    expect(compiled).toEqual([sources()]);
    const more = [...sources(), { module: join(folder, 'elsewhere/index.js') }];
    sources = () => more;
    put('elsewhere/index.js', 'new');
    put('rookery.yaml', 'plugins: [...]');
    await looks();
    expect([restarts, compiled.at(-1)]).toEqual([1, more]);
    put('elsewhere/lib/other.js', 'changed');
    await looks();
    expect(restarts).toBe(2);
    rmSync(join(folder, 'plugins/dice'), { recursive: true });
    await looks();
    expect(restarts).toBe(3);
  });

  it('says what is wrong with the settings and keeps the worker', async () => {
    start();
    sources = () => {
      throw new CommandFailure('rookery.yaml:1: plugins must be a list');
    };
    put('rookery.yaml', 'plugins: 5');
    await looks();
    expect(said).toEqual(['error: dev: the worker stays as it was: rookery.yaml:1: plugins must be a list']);
    expect(restarts).toBe(0);
  });

  it('does nothing more once it is stopped', async () => {
    start();
    await sut.stop();
    put('plugins/dice/index.js', 'two');
    await looks();
    expect(restarts).toBe(0);
  });
});
