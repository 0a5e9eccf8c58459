import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock, type Action, type ActionResult, type MessageEvent, type RookeryError } from '@rookery/protocol';
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

async function inThread(memoryMb = 64, media = common.media): Promise<ThreadHost> {
  const host = await ThreadHost.start({ ...common, media, source: { module: FIXTURE }, script: SCRIPT, memoryMb });
  hosts.push(host);
  host.introduce([]);
  return host;
}

async function inProcess(): Promise<PluginHost> {
  const { PoisonPlugin } = (await import(FIXTURE)) as { PoisonPlugin: new () => object };
  return new InProcessHost({ ...common, plugin: new PoisonPlugin() });
}

/** Runs a handler of the fixture and tells what it asked for. */
function caller(host: PluginHost) {
  const asked: Action[] = [];
  const posted: unknown[] = [];
  const result = ({ id, self }: Action): ActionResult => ({ id, self, outcome: 'sent', endedAt: 0 });
  const outbox = {
    ask(action: Action) {
      asked.push(action);
      return { queued: Promise.resolve(), result: Promise.resolve(result(action)) };
    },
    post(action: Action) {
      const [part] = action.params['message'] as readonly { data: { text?: string; file?: string } }[];
      posted.push(part?.data.text ?? part?.data.file);
      return Promise.resolve();
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
  ['in a thread', () => inThread()],
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

describe('a plugin in a thread of its own', () => {
  it.each([
    ['loops for ever', 'loop', 'blocked'],
    ['exits', 'exit', 'exited with code 3'],
    ['eats the memory', 'leak', 'out of its memory'],
  ])('that %s fails alone, and the next event is handled by a new thread', async (_name, handler, cause) => {
    const host = await inThread();
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
    const host = await inThread();
    const { run } = caller(host);
    const innocent = run('fine', { args: 'x', n: 2 });
    const suspects = [run('loop', { args: 'later', n: 3 }), run('never', { n: 4, deadlineMs: 1_000 })];
    expect(await innocent).toBeUndefined();
    expect(await suspects[0]).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    expect(host.switchedOff).toBe(false);
    expect(await suspects[1]).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('is switched off when it ends its thread three times in five minutes', async () => {
    const host = await inThread();
    const offs: string[] = [];
    host.on('switchedOff', (cause) => offs.push(cause));
    const { run } = caller(host);
    for (let n = 1; n <= 3; n++) expect(await run('exit', { n })).toMatchObject({ code: 'HANDLER_ENDED_HOST' });
    expect([host.switchedOff, offs]).toEqual([true, ['it exited with code 3']]);
    expect(await run('fine')).toMatchObject({ code: 'PLUGIN_OFF' });
  });

  it('is told to be the one whose promise nobody awaited, and goes on', async () => {
    const host = await inThread();
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
      const { run, posted } = caller(await inThread(64, { allowHosts: [], sharedPath }));
      expect(await run('picture', { args: join(disk, 'media/a.png') })).toBeUndefined();
      await run('picture', { args: join(disk, 'media/b.png') });
      expect(posted).toEqual(['/app/media/a.png']);
      expect(warnings).toEqual([expect.stringContaining('a link that leads out')]);
    } finally {
      rmSync(disk, { recursive: true, force: true });
    }
  });

  it('sees nothing of the environment and cannot send signals', async () => {
    const { run, posted } = caller(await inThread());
    await run('environment');
    expect(posted).toEqual(['[]']);
    expect((await run('kill'))?.message).toContain('may not send signals');
  });

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
