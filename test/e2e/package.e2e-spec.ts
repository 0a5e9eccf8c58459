import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { commandsOf } from './support/guide';
import { Outside } from './support/outside';
import { until } from './support/processes';

jest.setTimeout(300_000);

/** A cluster starts here, and a lease runs out, on machines that may do much else. */
const PATIENCE_MS = 90_000;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
    experimentalDecorators: true,
  },
};

const PLUGIN = `
import { BotPlugin, Command, intBetween, z, type MessageContext } from 'rookery/plugin-kit';

export const DiceConfig = z.object({ sides: z.number().int().min(2).optional() });

@BotPlugin({ id: 'dice', config: DiceConfig })
export class Dice {
  @Command('roll [sides:int(2..1000)]', { summary: { zh: '掷骰子', en: 'Rolls a die' } })
  async roll(c: MessageContext, args: { sides?: number | undefined }) {
    const sides = args.sides ?? c.config(DiceConfig).sides ?? (await c.ask('How many sides?', { parse: intBetween(2, 1000) }));
    return \`rolled \${c.random.int(1, sides)} of \${sides}\`;
  }
}
`;

/** Each line that must not compile says why in its comment; everything else in it must. */
const WRONG = `
import { Arg, BotPlugin, Command, Ctx, type MessageContext } from 'rookery/plugin-kit';

const summary = { zh: '', en: '' };

@BotPlugin({ id: 'wrong' })
export class Wrong {
  @Command('a <sides:int>', { summary }) // WRONG: an int is no string
  a(c: MessageContext, args: { sides: string }) {}
  @Command('b [sides:int]', { summary }) // WRONG: an optional argument can be missing
  b(c: MessageContext, args: { sides: number }) {}
  @Command('c <sides:int>', { summary }) // WRONG: no such argument
  c(c: MessageContext, args: { side: number }) {}
  @Command('d <sides:int>', { summary }) // WRONG: an int is no boolean, also not behind @Arg
  d(@Arg('sides') sides: boolean, @Ctx() c: MessageContext) {}
  @Command('e <sides:int>', { summary })
  e(@Arg('sides') sides: number, @Ctx() c: MessageContext) {}
}
`;

const TEST = `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testFleet } from 'rookery/plugin-kit/testing';
import { Dice } from './dice.js';

test('asks for what is missing, and goes on in another worker', async () => {
  const fleet = await testFleet({ plugins: [Dice], accounts: ['10001', '10002'], locale: 'en' });
  const lin = fleet.user('7').in('100');
  assert.deepEqual((await lin.says('/roll')).map(({ text }) => text), ['How many sides?']);
  await fleet.restart();
  assert.match((await lin.says('20'))[0]?.text ?? '', /^rolled \\d+ of 20$/);
});

test('takes what its settings say', async () => {
  const fleet = await testFleet({ plugins: [Dice], config: { dice: { sides: 4 } } });
  const [said] = await fleet.user('7').says('/roll');
  assert.match(said?.text ?? '', /^rolled [1-4] of 4$/);
});
`;

let outside: Outside;
beforeAll(async () => {
  outside = new Outside();
  await outside.install();
});
afterAll(() => outside?.close());

describe('the package outside this repository', () => {
  it('compiles a plugin in TypeScript, refuses what does not fit its pattern, and runs its tests', async () => {
    outside.write('tsconfig.json', JSON.stringify(TSCONFIG));
    outside.write('dice.ts', PLUGIN);
    outside.write('wrong.ts', WRONG);
    outside.write('dice.test.ts', TEST);

    const { output } = await outside.tsc('-p', '.', '--pretty', 'false');
    const found = [...output.matchAll(/^(\S+)\((\d+),/gm)].map(([, file, line]) => `${file}:${line}`);
    const wrong = WRONG.split('\n').flatMap((line, index) =>
      line.includes('// WRONG') ? [`wrong.ts:${index + 1}`] : [],
    );
    expect(wrong).toHaveLength(4);
    expect([...new Set(found)]).toEqual(wrong);

    const ran = await outside.run('node', ['--test', '--test-reporter=tap', 'dice.test.js']);
    expect(ran.output).toContain('# pass 2');
    expect(ran.code).toBe(0);
  });

  it.each([['as a package', ['--package'], 'rookery-plugin-tea-time', 'dist/index.test.js']])(
    'writes a new plugin %s whose tests pass at once',
    async (_where, options, folder, test) => {
      const cli = join(outside.folder, 'node_modules/rookery/dist/apps/cli/src/main.js');
      const made = await outside.run('node', [cli, 'plugin', 'new', 'tea-time', ...options]);
      expect(made).toMatchObject({ code: 0, output: expect.stringContaining(`cd ${folder}`) });
      expect(await outside.tsc('-p', folder)).toEqual({ code: 0, output: '' });
      const ran = await outside.run('node', ['--test', '--test-reporter=tap', test], join(outside.folder, folder));
      expect(ran.output).toContain('# pass 3');
      expect(ran.code).toBe(0);
    },
  );

  describe('the author’s guide', () => {
    const PAGES = [
      ['plugins.md', /^The first one/],
      ['plugins.zh-CN.md', /^第一个插件/],
    ] as const;
    const [english = [], chinese = []] = PAGES.map(([page, heading]) => commandsOf(page, heading));

    it('names the same commands in both languages', () => {
      expect(english).toEqual([
        'npx rookery plugin new dice',
        'cd plugins/dice',
        'npx tsc && node --test index.test.js',
        'ROOKERY_TEST_REAL=1 node --test index.test.js',
        'npx rookery dev',
      ]);
      expect(chinese).toEqual(english);
    });

    it('leads from nothing to tests that pass in memory and on the real pipeline, worker killed by SIGKILL included', async () => {
      const commands = english.slice(0, -1).join('\n').replaceAll('--test ', '--test --test-reporter=tap ');
      const { output, code } = await outside.run('bash', ['-e', '-c', commands]);
      expect([code, output.match(/^# (?:pass|fail) \d+$/gm)]).toEqual([
        0,
        ['# pass 3', '# fail 0', '# pass 3', '# fail 0'],
      ]);
    });

    it('leads on to a cluster where the plugin answers, and where its question outlives the worker', async () => {
      // A minute is much for a person, and little for a busy machine on which a lease runs out and a worker starts meanwhile.
      const built = 'plugins/dice/index.js';
      const text = readFileSync(join(outside.folder, built), 'utf8');
      expect(text).toContain("within: '60s'");
      outside.write(built, text.replace("within: '60s'", "within: '10m'"));
      const anyPort = { port: 0 };
      const ports = { reverse: anyPort, console: anyPort, connector: anyPort, worker: anyPort };
      outside.write('rookery.yaml', JSON.stringify(ports));
      const dev = spawn('bash', ['-c', `exec ${english.at(-1)}`], {
        cwd: outside.folder,
        env: outside.env,
        detached: true,
      });
      const heard: string[] = [];
      for (const stream of [dev.stdout, dev.stderr]) createInterface(stream).on('line', (line) => heard.push(line));
      const ended = new Promise((resolve) => dev.once('exit', resolve));
      const isHeard = (text: string) => until(text, () => heard.some((line) => line.includes(text)), PATIENCE_MS);
      try {
        await isHeard('dev: type a message');
        dev.stdin.write('/dice\n');
        await isHeard('要问候谁？');
        const worker = join(outside.folder, 'node_modules/rookery/dist/apps/worker/src/main.js');
        const { output } = await outside.run('pgrep', ['-f', worker]);
        expect(output.trim()).toMatch(/^\d+$/);
        process.kill(Number(output), 'SIGKILL');
        await isHeard('worker is up again');
        dev.stdin.write('Mei\n');
        await isHeard('你好，Mei！这是第 1 次。');
      } finally {
        process.kill(-Number(dev.pid), 'SIGTERM');
        await ended;
        for (const name of ['plugins', 'rookery.yaml']) rmSync(join(outside.folder, name), { recursive: true });
      }
    });
  });

  it('holds the command and nothing that only its developers need', async () => {
    const { code, output } = await outside.run('node', ['node_modules/rookery/dist/apps/cli/src/main.js', '--help']);
    expect([code, output]).toEqual([0, expect.stringContaining('Usage: rookery')]);
    const bin = await outside.run('node', [
      '-e',
      "console.log(require('fs').realpathSync('node_modules/.bin/rookery'))",
    ]);
    expect(bin.output).toContain('node_modules/rookery/dist/apps/cli/src/main.js');
    const files = await outside.run('node', ['-e', LIST]);
    const listed = files.output.trim().split('\n');
    expect(listed).toEqual(expect.arrayContaining(['docs/plugins.md', 'LICENSE', 'rookery.example.yaml']));
    expect(
      listed.filter((path) => /^(?:test|scripts|apps|libs|\.ci)\/|^dist\/libs\/testing\/|\/spec-|\.spec\./.test(path)),
    ).toEqual([]);
  });

  it('opens the doors that it names, and no others', async () => {
    const { output } = await outside.run('node', ['-e', DOORS]);
    expect(JSON.parse(output)).toEqual({
      'rookery/plugin-kit': 'open',
      'rookery/plugin-kit/testing': 'open',
      rookery: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
      'rookery/dist/libs/redis/src/index.js': 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    });
  });
});

const LIST = `
const { readdirSync } = require('node:fs');
const { join, relative } = require('node:path');
for (const entry of readdirSync('node_modules/rookery', { recursive: true, withFileTypes: true }))
  if (entry.isFile()) console.log(relative('node_modules/rookery', join(entry.parentPath, entry.name)));
`;

const DOORS = `
const doors = ['rookery/plugin-kit', 'rookery/plugin-kit/testing', 'rookery', 'rookery/dist/libs/redis/src/index.js'];
const tried = doors.map((door) => { try { require(door); return [door, 'open']; } catch ({ code }) { return [door, code]; } });
console.log(JSON.stringify(Object.fromEntries(tried)));
`;
