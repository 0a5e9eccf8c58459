import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { channels, nodeId, systemClock } from '@rookery/protocol';
import { connectRedis, PluginBoard, PluginSettings, type Redis } from '@rookery/redis';
import { ControlChannel } from '@rookery/service';
import { eventually, startTestRedis, type TestRedis } from '@rookery/testing';
import { createProgram } from '../program';
import { ClusterSession } from './session';

const GREETER = {
  id: 'greeter',
  title: { zh: '欢迎', en: 'Greeter' },
  commands: [
    { method: 'greet', usage: 'greet set <text...>', alias: ['招呼'], summary: { zh: '打招呼', en: 'Greets' } },
  ],
  keywords: [],
  regexes: [],
  listeners: [{ method: 'joined' }],
  schedules: [],
  needs: ['moderate', 'mention-all'],
  ungranted: ['mention-all'],
  config: {
    type: 'object',
    properties: { text: { type: 'string', maxLength: 20 }, times: { type: 'integer', default: 1 } },
    required: ['text'],
  },
};

let server: TestRedis;
let redis: Redis;
let channel: ControlChannel;
let told = 0;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
  channel = new ControlChannel(server.url, () => undefined);
  channel.on(channels.pluginSettingsChanged, () => void (told += 1));
  await channel.start();
});
afterAll(async () => {
  await channel.close();
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await new PluginBoard(redis).post({
    node: nodeId('worker-1'),
    manifests: [GREETER],
    unfit: [{ module: '/plugins/broken.js', reason: 'it has\nno handler' }],
    at: 0,
  });
});

async function rookery(...args: string[]) {
  let output = '';
  let error = '';
  let code: number | undefined;
  const session = new ClusterSession(
    {
      env: { REDIS_URL: server.url },
      clock: systemClock,
      colours: picocolors.createColors(false),
      readInput: async () => '',
      print: (text) => (output += text),
    },
    (given) => (code = given),
  );
  const program = createProgram(session);
  const tame = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => (error += text), writeOut: () => undefined });
    command.commands.forEach(tame);
  };
  tame(program);
  try {
    await program.parseAsync(['node', 'rookery', 'plugin', ...args]);
  } catch (thrown) {
    error += String(thrown);
  }
  return { code, output, error };
}

const settings = async () => (await new PluginSettings(redis).read()).settings;

describe('rookery plugin', () => {
  it('list shows what workers have loaded and what is set', async () => {
    await rookery('disable', 'greeter', '--scope', 'group:100');
    const { output, code } = await rookery('list');
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(
        /greeter +1 +moderate, mention-all \(not granted\) +欢迎 · Greeter[^]*broken\.js +it has no handler[^]*greeter +group:100 +off/,
      ),
    });
    expect(JSON.parse((await rookery('list', '--json')).output)).toMatchObject({
      plugins: [{ id: 'greeter' }],
      unfit: [{ module: '/plugins/broken.js' }],
    });
  });

  it('switches a plugin, and one command by its words, its alias or its method, and tells the workers', async () => {
    const before = told;
    expect((await rookery('disable', 'greeter')).output).toContain('is off for global');
    expect((await rookery('disable', 'greeter')).output).toContain('It was so already');
    for (const name of [['greet', 'set'], ['招呼'], ['greet']]) {
      expect((await rookery('enable', 'greeter', ...name, '--scope', 'pool:news')).error).toBe('');
    }
    expect(await settings()).toEqual(
      expect.arrayContaining([
        { kind: 'switch', plugin: 'greeter', scope: 'global', on: false },
        { kind: 'switch', plugin: 'greeter', handler: 'greet', scope: 'pool:news', on: true },
      ]),
    );
    await eventually('the workers are told of both changes', () => told >= before + 2);
  });

  it('takes a switch away, and says when there was none', async () => {
    await rookery('disable', 'greeter', 'greet', '--scope', 'group:100');
    const { code, output } = await rookery('reset', 'greeter', 'greet', 'set', '--scope', 'group:100');
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('counts for group:100 again') });
    expect(await settings()).toEqual([]);
    expect((await rookery('reset', 'greeter', '--scope', 'group:100')).code).toBe(1);
  });

  it('a plugin or a handler that nobody has loaded is refused with what there is', async () => {
    expect((await rookery('enable', 'nobody')).error).toMatch(/PLUGIN_UNKNOWN|"nobody"; loaded: greeter/);
    expect((await rookery('enable', 'greeter', 'dance')).error).toContain('it has: greet, joined');
    expect((await rookery('enable', 'greeter', '--scope', 'galaxy')).error).toContain('It must be global');
    expect(await settings()).toEqual([]);
  });

  it('config keeps other keys, takes keys away, and shows what is set', async () => {
    expect((await rookery('config', 'greeter')).output).toContain('Nothing is set');
    await rookery('config', 'greeter', 'text=你好 大家', '--scope', 'group:100');
    await rookery('config', 'greeter', 'times=3', '--scope', 'group:100');
    expect((await rookery('config', 'greeter', '--scope', 'group:100')).output).toBe('text = "你好 大家"\ntimes = 3\n');
    await rookery('config', 'greeter', '--unset', 'text', 'times', '--scope', 'group:100');
    expect(await settings()).toEqual([]);
  });

  it('config that does not fit what the plugin declares changes nothing and names every key', async () => {
    const { error } = await rookery('config', 'greeter', 'times=often', 'colour=red');
    expect(error).toMatch(/nothing was changed[^]*times[^]*colour|colour[^]*times/);
    expect((await rookery('config', 'greeter', 'times')).error).toContain('is no key=value');
    expect(await settings()).toEqual([]);
  });

  it('grants and revokes, and says when there was nothing to take away', async () => {
    expect((await rookery('grant', 'news', '7', '--scope', 'pool:news')).output).toContain('7 has news');
    expect((await rookery('grant', 'news', '7', '--scope', 'pool:news')).output).toContain('already');
    expect(await settings()).toEqual([{ kind: 'grant', grant: 'news', user: '7', scope: 'pool:news' }]);
    expect((await rookery('revoke', 'news', '7', '--scope', 'pool:news')).code).toBe(0);
    expect((await rookery('revoke', 'news', '7', '--scope', 'pool:news')).code).toBe(1);
    expect((await rookery('grant', 'a|b', '7')).error).toContain('no name of a grant');
    expect((await rookery('grant', 'news', 'seven')).error).toContain('no QQ number');
  });
});
