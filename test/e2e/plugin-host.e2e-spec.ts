import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock, type Action, type ActionResult, type MessageEvent, RookeryError } from '@rookery/protocol';
import { noBacking } from '@rookery/testing';
import { InProcessHost, ThreadHost, type MediaSettings, type PluginHost } from '../../apps/worker/src/host';
import { until } from './support/processes';

const FIXTURE = join(__dirname, '../fixtures/plugins/poison.js');
const SCRIPT = join(__dirname, '../../dist/apps/worker/src/host/thread/entry.js');
const LIMITS = { script: SCRIPT, memoryMb: 64 };

const event = (n = 1) =>
  ({
    id: `m.1.g7.s${n}`,
    self: '10001',
    pool: 'default',
    conversation: 'group:default:7',
    time: 0,
    receivedAt: 0,
    type: 'message',
    scene: { kind: 'group', groupId: '7' },
    subType: 'normal',
    sender: { userId: '42', nickname: '', card: '' },
    segments: [{ type: 'text', data: { text: 'x' } }],
    text: 'x',
    own: false,
  }) as unknown as MessageEvent;

const warnings: string[] = [];
const ignore = (): void => undefined;
const log = {
  debug: ignore,
  info: ignore,
  error: ignore,
  warn: (_fields: object, line: string) => void warnings.push(line),
  child: () => log,
};
const media: MediaSettings = { allowHosts: [] };
const metrics = { count: ignore, observe: ignore };
const common = { clock: systemClock, log, metrics, locale: 'en', seed: 'seed', media } as const;

let hosts: PluginHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  hosts = [];
  warnings.length = 0;
});

type Isolation = 'thread' | 'process';

async function apart(isolation: Isolation = 'thread', media = common.media, module = FIXTURE): Promise<ThreadHost> {
  const host = await ThreadHost.start({ ...common, media, source: { module, isolation }, ...LIMITS });
  hosts.push(host);
  host.introduce([]);
  return host;
}

async function inProcess(): Promise<PluginHost> {
  const { PoisonPlugin } = (await import(FIXTURE)) as { PoisonPlugin: new () => object };
  return new InProcessHost({ ...common, plugin: new PoisonPlugin() });
}

/** Runs a handler of the fixture and tells what it asked for. */
function caller(host: PluginHost, refusal?: Error, stored: Promise<void> = Promise.resolve()) {
  const asked: Action[] = [];
  const posted: unknown[] = [];
  const result = ({ id, self }: Action): ActionResult => ({ id, self, outcome: 'sent', endedAt: 0 });
  const outbox = {
    ask(action: Action) {
      asked.push(action);
      return { queued: Promise.resolve(), result: Promise.resolve(result(action)) };
    },
    post(action: Action) {
      if (refusal) return Promise.reject(refusal);
      const [part] = action.params['message'] as readonly { data: { text?: string; file?: string } }[];
      posted.push(part?.data.text ?? part?.data.file);
      return stored;
    },
  };
  const run = (handler: string, { args = '', deadlineMs = 300, n = 1 } = {}): Promise<RookeryError | undefined> => {
    const rest = args === '' ? [] : [{ type: 'text' as const, data: { text: args } }];
    return host.run({ event: event(n), rest, handler, deadlineMs, journal: [], outbox, backing: noBacking });
  };
  return { run, asked, posted };
}

describe.each([
  ['in the process', inProcess],
  ['in a thread', () => apart('thread')],
  ['in a process of its own', () => apart('process')],
])('a plugin host %s', (_name, start) => {
  it('runs a handler and sends what it returns', async () => {
    const { run, posted } = caller(await start());
    expect(await run('fine', { args: 'day' })).toBeUndefined();
    expect(posted).toEqual(['fine day']);
  });

  it.each([
    ['undef', 'undefined'],
    ['nothing', 'null'],
    ['getter', 'cannot be read'],
  ])('reports what %s throws as one readable kind of failure', async (handler, message) => {
    const error = await caller(await start()).run(handler);
    expect(error).toMatchObject({ code: 'HANDLER_FAILED' });
    expect(error?.message).toContain(message);
  });

  it('gives a handler that never settles up at its deadline and goes on', async () => {
    const { run, posted } = caller(await start());
    expect(await run('never')).toMatchObject({ code: 'HANDLER_TIMEOUT' });
    expect(await run('fine', { args: 'still' })).toBeUndefined();
    expect(posted).toEqual(['fine still']);
  });

  it('gives what still runs up when the worker stops', async () => {
    const host = await start();
    const ended = caller(host).run('never', { deadlineMs: 60_000 });
    host.finishWithin(20);
    expect(await ended).toMatchObject({ code: 'HANDLER_INTERRUPTED' });
  });

  it('hands an ask over with its outcome, and the same ids whoever runs it', async () => {
    const { run, asked, posted } = caller(await start());
    expect(await run('ask')).toBeUndefined();
    expect(asked.map(({ id }) => id)).toEqual(['m.1.g7.s1.poison.ask.1']);
    expect(posted).toEqual(['sent ']);
  });

  it('hears that a returned message is refused: the log says why, and the handler has not failed', async () => {
    const refusal = new RookeryError('ACTION_NOT_GRANTED', 'plugin poison may not mention everybody');
    expect(await caller(await start(), refusal).run('fine')).toBeUndefined();
    await until('the warning is here', async () => warnings.includes(`refused: ${refusal.message}`));
  });

  it('refuses what goes beyond 50 actions for one event', async () => {
    const { run, asked } = caller(await start());
    await run('budget', { deadlineMs: 5_000 });
    expect(asked).toHaveLength(50);
    expect(warnings.filter((line) => line.includes('50 other actions'))).not.toEqual([]);
  });

  it('refuses what a handler asks after it has ended', async () => {
    const { run, asked } = caller(await start());
    expect(await run('late')).toBeUndefined();
    await until('the late ask is refused', () => warnings.some((line) => line.includes('after the handler had ended')));
    expect(asked).toEqual([]);
  });

  it('discards a returned value that is no message, with a warning', async () => {
    const { run, posted } = caller(await start());
    expect(await run('big')).toBeUndefined();
    await until('the warning', () => warnings.some((line) => line.includes('returned a bigint')));
    expect(posted).toEqual([]);
  });

  it('hands over a copy of the event: what a plugin changes, no other sees', async () => {
    const host = await start();
    const { run, posted } = caller(host);
    await run('change');
    await run('change');
    expect(posted).toEqual(['changed', 'changed']);
    expect(event().text).toBe('x');
  });
});

describe.each<Isolation>(['thread', 'process'])('a plugin in a %s of its own', (isolation) => {
  it.each([
    ['loops for ever', 'loop', 'blocked'],
    ['exits', 'exit', 'exited with code 3'],
    ['eats the memory', 'leak', 'out of its memory'],
  ])('that %s fails alone, and the next event is handled by a new thread', async (_name, handler, cause) => {
    const host = await apart(isolation);
    const { run, posted } = caller(host);
    const bystander = run('wait', { deadlineMs: 20_000, n: 2 });
    const error = await run(handler, { deadlineMs: handler === 'leak' ? 20_000 : 300 });
    expect(error).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    expect(error?.message).toContain(cause);
    expect(await run('fine', { args: 'again' })).toBeUndefined();
    expect(posted).toEqual(['fine again']);
    host.finishWithin(0);
    // It was in the thread that was lost, and ran again.
    expect(await bystander).toMatchObject({ code: 'HANDLER_INTERRUPTED' });
  });

  it('finds out who blocks the thread when that cannot be told at once', async () => {
    const host = await apart(isolation);
    const { run } = caller(host);
    const innocent = run('fine', { args: 'x', n: 2 });
    const suspects = [run('loop', { args: 'later', n: 3 }), run('never', { n: 4, deadlineMs: 1_000 })];
    expect(await innocent).toBeUndefined();
    expect(await suspects[0]).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    expect(host.switchedOff).toBe(false);
    expect(await suspects[1]).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('is switched off when it ends its thread three times in five minutes', async () => {
    const host = await apart(isolation);
    const offs: string[] = [];
    host.on('switchedOff', (cause) => offs.push(cause));
    const { run } = caller(host);
    for (let n = 1; n <= 3; n++) expect(await run('exit', { n })).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    expect([host.switchedOff, offs]).toEqual([true, ['it exited with code 3']]);
    expect(await run('fine')).toMatchObject({ code: 'PLUGIN_OFF' });
  });

  it('has nothing to do with what a handler returned once that is being stored: its end is no fault of the handler, which is not run again', async () => {
    const host = await apart();
    let store = (): void => undefined;
    const slow = caller(host, undefined, new Promise((resolve) => (store = resolve)));
    const returned = slow.run('fine', { args: 'day', deadlineMs: 60_000 });
    await until('what it returned is being stored', async () => slow.posted.length === 1);
    expect(await caller(host).run('exit', { n: 2 })).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    store();
    expect([await returned, slow.posted]).toEqual([undefined, ['fine day']]);
  });

  it('is told to be the one whose promise nobody awaited, and goes on', async () => {
    const host = await apart(isolation);
    const detached: string[] = [];
    host.on('detached', (error) => detached.push(error.message));
    expect(await caller(host).run('detached')).toBeUndefined();
    await until('the report', () => detached.length === 1);
    expect(detached[0]).toContain('nobody awaits this');
  });

  it('sends a file of the shared folder by the path that NapCat knows, and nothing that a link leads to outside', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'rookery-shared-'));
    try {
      mkdirSync(join(disk, 'media'));
      writeFileSync(join(disk, 'media/a.png'), 'x');
      symlinkSync('/etc/passwd', join(disk, 'media/b.png'));
      const sharedPath = { ours: join(disk, 'media'), napcat: '/app/media' };
      const { run, posted } = caller(await apart(isolation, { allowHosts: [], sharedPath }));
      expect(await run('picture', { args: join(disk, 'media/a.png') })).toBeUndefined();
      await run('picture', { args: join(disk, 'media/b.png') });
      expect(posted).toEqual(['/app/media/a.png']);
      // A process may not even look where the link leads.
      expect(warnings).toEqual([expect.stringMatching(/a link that leads out|is not there/)]);
    } finally {
      rmSync(disk, { recursive: true, force: true });
    }
  });

  it('sees nothing of the environment and cannot send signals', async () => {
    const { run, posted } = caller(await apart(isolation));
    await run('environment');
    expect(posted).toEqual(['[]']);
    expect((await run('kill'))?.message).toContain('may not send signals');
  });
});

describe('a plugin in a thread of its own', () => {
  it('that comes with Rookery takes no thread before its first call, and runs every call that came meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-rest-'));
    const began = join(folder, 'began');
    const host = await ThreadHost.rest({ ...common, source: { module: FIXTURE, config: { began } }, ...LIMITS });
    try {
      host.introduce([]);
      expect(host.manifest.id).toBe('poison');
      expect(existsSync(began)).toBe(false);
      const { run, posted } = caller(host);
      expect(await Promise.all([run('fine', { args: 'a' }), run('fine', { args: 'b', n: 2 })])).toEqual([
        undefined,
        undefined,
      ]);
      expect(posted).toEqual(['fine a', 'fine b']);
      expect(readFileSync(began, 'utf8')).toBe('in a thread\n');
    } finally {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('that comes with Rookery and breaks at its first call is switched off, and its calls end', async () => {
    const source = { module: FIXTURE, config: { broken: true } };
    const host = await ThreadHost.rest({ ...common, source, ...LIMITS });
    hosts.push(host);
    const { run } = caller(host);
    expect(await run('fine')).toMatchObject({ code: 'PLUGIN_OFF' });
    expect(host.switchedOff).toBe(true);
  });

  it('that comes with Rookery and was never called costs no thread when the worker stops, nor does one that begins just then', async () => {
    const host = await ThreadHost.rest({ ...common, source: { module: FIXTURE }, ...LIMITS });
    const ended = caller(host).run('fine');
    host.finishWithin(0);
    expect(await ended).toMatchObject({ code: 'HANDLER_INTERRUPTED' });
    await host.stop();
    expect(await caller(host).run('fine')).toMatchObject({ code: 'HANDLER_INTERRUPTED' });
  });

  it('that lies where no package is near is given the kit of this installation', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-far-'));
    const module = join(folder, 'far.js');
    writeFileSync(
      module,
      `const { BotPlugin, Command, z } = require('rookery/plugin-kit');
       class Far { fine(c) { return 'far ' + c.args; } }
       Command('fine [text...]', { summary: { zh: '', en: '' } })(Far.prototype, 'fine', {});
       BotPlugin({ id: 'far', config: z.object({}) })(Far);
       module.exports = { Far };`,
    );
    try {
      const host = await ThreadHost.start({ ...common, source: { module }, ...LIMITS });
      hosts.push(host);
      host.introduce([]);
      const { run, posted } = caller(host);
      expect(await run('fine', { args: 'away' })).toBeUndefined();
      expect(posted).toEqual(['far away']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['does not exist', '/nowhere/plugin.js', 'cannot be loaded'],
    ['exports no plugin', join(__dirname, '../../dist/libs/actors/src/index.js'), 'exports 0 classes'],
  ])('does not start when its module %s', async (_name, module, message) => {
    await expect(
      ThreadHost.start({ ...common, source: { module }, script: SCRIPT, memoryMb: 64 }),
    ).rejects.toMatchObject({ code: 'PLUGIN_INVALID', message: expect.stringContaining(message) });
  });
});

/** Does what a plugin that is not trusted might try; each handler returns what came of it. */
const SPY = `
const tried = (attempt) => { try { return String(attempt()); } catch (error) { return error.code ?? error.message; } };
const { readFileSync, writeFileSync } = require('node:fs');
const summary = { en: '', zh: '' };
class Spy {
  read({ args }) { return tried(() => readFileSync(args, 'utf8')); }
  write({ args }) { return tried(() => writeFileSync(args, 'x')); }
  spawn() { return tried(() => require('node:child_process').spawnSync('true').status); }
  thread() { return tried(() => new (require('node:worker_threads').Worker)('', { eval: true })); }
  forge() { return tried(() => process.send([{ type: 'log', level: 'constructor', fields: '{}', text: '' }])); }
  pid() { return String(process.pid); }
  fine({ args }) { return args; }
}
const commands = ['read', 'write', 'spawn', 'thread', 'forge', 'pid', 'fine'].map((method) => ({
  method, pattern: method + ' [text...]', options: { summary, deadlineMs: 5000 },
}));
Object.defineProperty(Spy, Symbol.for('rookery.plugin'), { value: { plugin: { id: 'spy' }, commands, listeners: [] } });
module.exports = { Spy };
`;

describe('a plugin in a process of its own', () => {
  let folder: string;
  let module: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'rookery-spy-')));
    mkdirSync(join(folder, 'plugins/spy'), { recursive: true });
    module = join(folder, 'plugins/spy/index.js');
    writeFileSync(module, SPY);
    writeFileSync(join(folder, 'plugins/spy/words.txt'), 'its own words');
    writeFileSync(join(folder, 'rookery.yaml'), 'token: secret');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reads its own files and no settings of ours, writes nothing, and starts nothing', async () => {
    const { run, posted } = caller(await apart('process', media, module));
    await run('read', { args: join(folder, 'plugins/spy/words.txt') });
    await run('read', { args: join(folder, 'rookery.yaml') });
    await run('write', { args: join(folder, 'plugins/spy/words.txt') });
    await run('spawn');
    await run('thread');
    expect(posted).toEqual(['its own words', ...Array.from({ length: 4 }, () => 'ERR_ACCESS_DENIED')]);
  });

  it('has no way to the worker but its context', async () => {
    const { run, posted } = caller(await apart('process', media, module));
    await run('forge');
    expect(posted).toEqual(['process.send is not a function']);
  });

  it('that is killed from outside begins again, and what it was at is not lost', async () => {
    const host = await apart('process', media, module);
    const { run, posted } = caller(host);
    await run('pid');
    const pid = Number(posted[0]);
    process.kill(pid, 'SIGKILL');
    await once(host, 'ended');
    expect(await run('fine', { args: 'again' })).toBeUndefined();
    expect(posted).toEqual([String(pid), 'again']);
  });

  it('that says what no plugin says is ended, and the worker is not hurt', async () => {
    const script = join(folder, 'plugins/spy/liar.js');
    const lie = [{ type: 'log', level: 'nonsense', fields: '{', text: '' }];
    writeFileSync(script, `process.once('message', () => process.send(${JSON.stringify(lie)}));`);
    await expect(
      ThreadHost.start({ ...common, source: { module, isolation: 'process' }, ...LIMITS, script }),
    ).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      message: expect.stringContaining('it said what no plugin says'),
    });
  });

  it('ends when the worker lets it go', async () => {
    const host = await apart('process', media, module);
    const { run, posted } = caller(host);
    await run('pid');
    await host.stop();
    expect(() => process.kill(Number(posted[0]), 0)).toThrow('ESRCH');
  });
});
