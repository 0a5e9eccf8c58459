/** What a new plugin is made of: file name → content. */
export type PluginFiles = Readonly<Record<string, string>>;

export interface NewPlugin {
  readonly id: string;
  /** Versions of what a package of its own is developed with. */
  readonly needs: Readonly<Record<'rookery' | 'typescript' | '@types/node', string>>;
}

/** Beside rookery.yaml: compiled where it lies, since the worker loads `index.js`. */
export function folderFiles({ id }: NewPlugin): PluginFiles {
  return {
    'index.ts': source(id),
    'index.test.ts': test(id),
    'tsconfig.json': tsconfig({}),
    ...readmes(id, '.'),
  };
}

/** An npm package: for plugins that are published, or shared by several clusters. */
export function packageFiles({ id, needs }: NewPlugin): PluginFiles {
  const name = `rookery-plugin-${id}`;
  const manifest = {
    name,
    version: '0.1.0',
    type: 'commonjs',
    main: 'dist/index.js',
    files: ['dist', '!dist/**/*.test.*', 'README.zh-CN.md'],
    scripts: { build: 'tsc', test: 'tsc && node --test dist/index.test.js', prepack: 'npm run build' },
    peerDependencies: { rookery: '*' },
    devDependencies: needs,
  };
  return {
    'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    '.gitignore': 'node_modules\ndist\n',
    'src/index.ts': source(id),
    'src/index.test.ts': test(id),
    'tsconfig.json': tsconfig({ rootDir: 'src', outDir: 'dist' }),
    ...readmes(id, name),
  };
}

function className(id: string): string {
  return id
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

const source = (id: string) => `import { BotPlugin, Command, texts, z, type MessageContext } from 'rookery/plugin-kit';

/** Settings; each scope (global, pool, account, group) may set keys of its own. */
export const Config = z.object({
  /** How many greetings a person gets. */
  most: z.number().int().min(1).max(1000).default(100),
});

const SAY = texts({
  whom: { zh: '要问候谁？', en: 'Whom shall I greet?' },
  hello: { zh: '你好，{name}！这是第 {n} 次。', en: 'Hello {name}! That makes {n}.' },
  enough: { zh: '已经够多了。', en: 'That is enough.' },
});

@BotPlugin({ id: '${id}', title: { zh: '${id}', en: '${id}' }, config: Config })
export class ${className(id)} {
  @Command('${id} [name...]', { summary: { zh: '问候', en: 'Greets somebody' } })
  async greet(c: MessageContext, args: { name: string }) {
    const name = args.name || (await c.ask(c.text(SAY.whom), { within: '60s' }));
    const n = await c.storage.user.increment('greetings');
    return c.text(n > c.config(Config).most ? SAY.enough : SAY.hello, { name, n });
  }
}
`;

const test = (id: string) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testFleet } from 'rookery/plugin-kit/testing';
import { ${className(id)} } from './index.js';

const fleetWith = (settings = {}) =>
  testFleet({ plugins: [${className(id)}], accounts: ['10001', '10002'], locale: 'en', config: { '${id}': settings } });

test('answers a command once, however many accounts saw it', async () => {
  const fleet = await fleetWith();
  const said = await fleet.user('7').in('100').says('/${id} Lin');
  assert.deepEqual(said.map(({ text }) => text), ['Hello Lin! That makes 1.']);
});

test('asks for what is missing, and another worker takes the answer', async () => {
  const fleet = await fleetWith();
  const lin = fleet.user('7').in('100');
  assert.equal((await lin.says('/${id}'))[0]?.text, 'Whom shall I greet?');
  await fleet.restart();
  assert.equal((await lin.says('Mei'))[0]?.text, 'Hello Mei! That makes 1.');
});

test('keeps to its settings', async () => {
  const fleet = await fleetWith({ most: 1 });
  const lin = fleet.user('7').in('100');
  await lin.says('/${id} Mei');
  assert.equal((await lin.says('/${id} Mei'))[0]?.text, 'That is enough.');
});
`;

function tsconfig(places: Readonly<Record<string, string>>): string {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    types: ['node'],
    ...places,
  };
  return `${JSON.stringify({ compilerOptions }, undefined, 2)}\n`;
}

function readmes(id: string, name: string): PluginFiles {
  const inFolder = name === '.';
  const run = inFolder ? 'npx tsc && node --test index.test.js' : 'npm install && npm test';
  return {
    'README.md': `# ${id}

[中文](README.zh-CN.md)

\`/${id} [name]\` greets somebody; without a name it asks for one.

| setting | default | |
| --- | --- | --- |
| \`most\` | 100 | how many greetings a person gets |

Tests: \`${run}\`.${inFolder ? '' : ` Used by listing it in rookery.yaml: \`plugins: [{ module: ${name} }]\`.`}
`,
    'README.zh-CN.md': `# ${id}

[English](README.md)

\`/${id} [名字]\` 向某人问好；不写名字时会先询问。

| 设置 | 默认值 | |
| --- | --- | --- |
| \`most\` | 100 | 每人最多问候次数 |

测试：\`${run}\`。${inFolder ? '' : `在 rookery.yaml 中列出即可使用：\`plugins: [{ module: ${name} }]\`。`}
`,
  };
}
