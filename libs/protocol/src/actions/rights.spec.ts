import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ACTION_CLASSES, actionClass, mentionsAll, needProblem, rightsFor } from './rights';

const FACTS = join(__dirname, '../../../../test/fixtures/protocol/actions.json');
const known = JSON.parse(readFileSync(FACTS, 'utf8')) as { name: string; kind: 'read' | 'write' }[];

describe('classes of actions', () => {
  it('every known action has exactly one, and none stands there that nobody knows', () => {
    const classified = Object.values(ACTION_CLASSES).flat();
    const expected = [...known.map(({ name }) => name), 'send_guild_channel_msg'];
    expect([...classified].sort()).toEqual(expected.sort());
  });

  it('an action that changes something is never a read', () => {
    const writes = known.filter(({ kind }) => kind === 'write').map(({ name }) => name);
    expect(writes.filter((name) => actionClass(name) === 'read')).toEqual([]);
    const reads = known.filter(({ kind }) => kind === 'read').map(({ name }) => actionClass(name));
    expect(new Set(reads)).toEqual(new Set(['read', 'dangerous']));
  });

  it.each([
    ...['set_restart', 'get_cookies', 'get_credentials', 'get_csrf_token', 'get_clientkey', 'clean_cache', 'bot_exit'],
    ...['download_file', 'send_packet', 'run_shell', 'set_group_kick_async', 'constructor', '__proto__', ''],
  ])('%p is dangerous', (name) => {
    expect(rightsFor({ name, params: {} })).toEqual(['dangerous']);
  });

  it.each([
    ['get_group_list', []],
    ['send_group_msg', []],
    ['upload_group_file', []],
    ['set_group_kick', ['moderate']],
    ['set_group_ban', ['moderate']],
    ['delete_msg', ['moderate']],
    ['set_group_leave', ['account']],
    ['delete_friend', ['account']],
  ])('%s takes %j', (name, rights) => {
    expect(rightsFor({ name, params: { group_id: '5' } })).toEqual(rights);
  });
});

const all = { type: 'at', data: { qq: 'all' } };
const text = (said: string) => ({ type: 'text', data: { text: said } });
const deep = (depth: number, inside: unknown): unknown => {
  let value = inside;
  for (let n = 0; n < depth; n++) value = { inside: [value] };
  return value;
};

describe('mentions of everybody', () => {
  it.each([
    ['a segment', { message: [text('hi '), all] }],
    ['the only segment', { message: all }],
    ['a node of a forward', { messages: [{ type: 'node', data: { content: [all] } }] }],
    ['100,000 levels down', { message: deep(100_000, all) }],
    ['a mention of nobody', { message: [{ type: 'at', data: {} }] }],
    ['a mention of number 0', { message: [{ type: 'at', data: { qq: 0 } }] }],
    ['one with a name that is a number', { message: [{ type: 'at', data: { qq: 'all', name: '10001' } }] }],
    ['CQ code that went around the kit', { message: '[CQ:at,qq=all] hi' }],
  ])('found in %s', (_what, params) => {
    expect(mentionsAll(params)).toBe(true);
    expect(rightsFor({ name: 'send_group_msg', params })).toEqual(['mention-all']);
  });

  it.each([
    ['text that looks like it', { message: [text('[CQ:at,qq=all]')] }],
    ['a mention of somebody', { message: [{ type: 'at', data: { qq: '10001' } }] }],
    ['a mention of somebody by a number', { message: [{ type: 'at', data: { qq: 10001 } }] }],
    ['nothing at all', { message: null, other: undefined }],
  ])('not found in %s', (_what, params) => {
    expect(mentionsAll(params)).toBe(false);
  });

  it('go with the right that the action takes itself', () => {
    expect(rightsFor({ name: '_send_group_notice', params: { message: [all] } })).toEqual(['moderate', 'mention-all']);
  });
});

describe('what can be needed or granted', () => {
  it.each(['moderate', 'account', 'dangerous', 'mention-all', 'set_group_kick', '.ocr_image', 'llbot_do_something'])(
    '%s',
    (need) => expect(needProblem(need)).toBeUndefined(),
  );

  it.each([
    ['mention_all', 'did you mean mention-all?'],
    ['moderat', 'did you mean moderate?'],
    ['set_group_kik', 'did you mean set_group_kick?'],
    ['everything', 'must be moderate, account, dangerous, mention-all'],
    ['set group', 'must be moderate'],
    ['', 'must be moderate'],
  ])('%p is none: %s', (need, problem) => {
    expect(needProblem(need)).toContain(problem);
  });
});
