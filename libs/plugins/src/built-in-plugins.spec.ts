import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { catalogueOf, checkManifests, manifestOf, type MessageContext } from '@rookery/plugin-kit';
import type { Segment } from '@rookery/protocol';
import { AdminPlugin } from './admin/admin.plugin';
import { BroadcastPlugin } from './broadcast/broadcast.plugin';
import { EchoPlugin } from './echo/echo.plugin';
import { HelpPlugin } from './help/help.plugin';
import { BUILT_IN_PLUGINS } from './index';
import { KeywordPlugin } from './keyword/keyword.plugin';
import { PingPlugin } from './ping/ping.plugin';
import { RequestsPlugin } from './requests/requests.plugin';
import { StatsPlugin } from './stats/stats.plugin';
import { StatusPlugin } from './status/status.plugin';
import { WelcomePlugin } from './welcome/welcome.plugin';

const text = (value: string): Segment => ({ type: 'text', data: { text: value } });
const quotation: Segment = { type: 'reply', data: { seq: '9' } };
const context = (fields: Partial<MessageContext>) => fields as MessageContext;
const manifests = [
  AdminPlugin,
  BroadcastPlugin,
  EchoPlugin,
  HelpPlugin,
  KeywordPlugin,
  PingPlugin,
  RequestsPlugin,
  StatsPlugin,
  StatusPlugin,
  WelcomePlugin,
].map((plugin) => manifestOf(plugin));

describe('BUILT_IN_PLUGINS', () => {
  it('each has a page in both languages', () => {
    for (const { id } of manifests) {
      for (const page of ['README.md', 'README.zh-CN.md']) expect(existsSync(join(__dirname, id, page))).toBe(true);
    }
  });

  it('lists the module of every folder', () => {
    const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(BUILT_IN_PLUGINS.map(({ module }) => basename(module, '.plugin'))).toEqual(folders.map(({ name }) => name));
  });

  it('holds no two plugins with the same id or command', () => {
    expect(() => checkManifests(manifests)).not.toThrow();
  });

  it('describes itself in both languages', () => {
    for (const { title, commands } of manifests) {
      for (const words of [title, ...commands.map(({ summary }) => summary)]) {
        expect(words?.zh).toMatch(/\p{Script=Han}/u);
        expect(words?.en).toMatch(/^[\x20-\x7e]+$/);
      }
    }
  });
});

describe('PingPlugin', () => {
  const ping = (rest: Segment[]) => new PingPlugin().ping(context({ rest, quotation: [quotation] as never }));
  const merged = (message: unknown) =>
    (message as (string | Segment)[]).map((part) => (typeof part === 'string' ? text(part) : part));

  it.each(['x', '[CQ:at,qq=all]', '  two blanks\n and lines ', '🏳️‍🌈😀', '𠮷'.repeat(5000)])(
    'says the text back exactly, quoting the message: %p',
    (typed) => {
      expect(merged(ping([text(typed)]))).toEqual([quotation, text(`pong ${typed}`)]);
    },
  );

  it('answers without text when none was typed', () => {
    expect(merged(ping([]))).toEqual([quotation, text('pong')]);
  });

  it('gives faces back, and names what must not be sent on', () => {
    const rest = [
      { type: 'face', data: { id: '14', raw: {} } },
      text(' and '),
      { type: 'at', data: { qq: 'all' } },
      { type: 'image', data: { file: '/etc/passwd' } },
    ];
    expect(merged(ping(rest))).toEqual([
      quotation,
      text('pong '),
      { type: 'face', data: { id: '14' } },
      text(' and '),
      text('[at]'),
      text('[image]'),
    ]);
  });
});

describe('HelpPlugin', () => {
  const commands = catalogueOf(manifests, '/');
  const helpOn = (command: string) =>
    new HelpPlugin().help(context({ usableCommands: () => Promise.resolve(commands), locale: 'en' }), { command });

  it.each([
    ['zh', '指令 · Commands', '/help [command...] (帮助)\n  列出全部指令，或说明其中一个 · Lists all'],
    ['en', 'Commands · 指令', '/help [command...] (帮助)\n  Lists all commands, or tells about one · 列出'],
  ] as const)('lists every command in both languages, %s first', async (locale, heading, help) => {
    const usableCommands = () => Promise.resolve(commands);
    const answer = await new HelpPlugin().help(context({ usableCommands, locale }), { command: undefined });
    expect(answer.split('\n')[0]).toBe(heading);
    expect(answer).toContain(help);
    for (const { usage } of commands) expect(answer).toContain(usage);
  });

  it.each([
    ['kick', ['/kick ']],
    ['/kick', ['/kick ']],
    ['echo', ['/echo face', '/echo image', '/echo music', '/echo record', '/echo share', '/echo text']],
    ['echo text', ['/echo text']],
    ['帮助', ['/help ']],
    [
      'admin',
      [
        '/config set',
        '/config show',
        '/config unset',
        '/kick',
        '/members',
        '/mute',
        '/muteall',
        '/plugin list',
        '/plugin off',
        '/plugin on',
        '/plugin reset',
        '/recall',
        '/title',
        '/unmute',
      ],
    ],
  ])('tells about %s alone', async (command, begins) => {
    const answer = await helpOn(command);
    const usages = answer.split('\n').filter((line) => line.startsWith('/'));
    expect(usages.map((usage, n) => usage.startsWith(begins[n] ?? '?'))).toEqual(begins.map(() => true));
  });

  it.each(['nothing', 'kic', '(', '['])('says that there is no %s', async (command) => {
    const answer = await helpOn(command);
    expect(answer).toContain('There is no such command');
  });
});
