import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RookeryError } from '../errors';
import { ACTIONS, actionSpec, type ActionData, type ActionParams } from './catalogue';
import { nearest } from './nearest';
import { ACTION_PARAMS_MAX, prepareAction } from './prepare';

interface TableAction {
  name: string;
  kind: 'read' | 'write';
  sends_message: boolean;
  note?: string;
  params: { name: string; type: string; required: boolean }[];
}
const TABLE = JSON.parse(
  readFileSync(join(__dirname, '../../../../test/fixtures/protocol/actions.json'), 'utf8'),
) as TableAction[];

/** A value that the parameter takes, from the type that the fact table gives it. */
function sample({ name, type }: { name: string; type: string }): unknown {
  if (type.startsWith('"')) return JSON.parse(type.split('|')[0]!);
  if (type.startsWith('{time:') || type.startsWith('{reply?:')) return {};
  if (type.startsWith('message')) return type === 'message' ? 'hi' : [{ type: 'node', data: { id: '5' } }];
  if (type.startsWith('{text:')) return [{ text: 'a' }];
  if (/\[\]/.test(type)) return [/file|image/.test(name) ? 'https://example.com/a.png' : '12345'];
  if (type === 'number') return 3;
  if (type.startsWith('boolean')) return true;
  return /^(?:file|image|file_path|folder_path|thumb_path)$/.test(name) ? 'https://example.com/a.png' : '12345';
}

/** A value of a type that no parameter of the kind takes. */
function wrong({ type }: { type: string }): unknown {
  return type === 'number' || type.startsWith('boolean') ? 'many' : () => 'x';
}

const CALLABLE = TABLE.filter((action) => action.name !== '.handle_quick_operation');
const ALTERNATIVES: Record<string, string[]> = { delete_friend: ['user_id'] };

function complete(action: TableAction): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const param of action.params) {
    if (ALTERNATIVES[action.name]?.includes(param.name) !== true) params[param.name] = sample(param);
  }
  return params;
}

function refusal(name: string, params: Record<string, unknown>): string {
  try {
    prepareAction(name, params);
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'ACTION_INVALID') return error.message;
    throw error;
  }
  throw new Error(`${name} was not refused`);
}

describe('the action table', () => {
  it('holds exactly the 175 actions of the fact table', () => {
    expect(Object.keys(ACTIONS).sort()).toEqual(TABLE.map((action) => action.name).sort());
    expect(TABLE).toHaveLength(175);
  });

  it.each(TABLE.map((action) => [action.name, action] as const))(
    'has kind, sending and parameters of %s',
    (name, action) => {
      const spec = actionSpec(name)!;
      expect(spec.kind).toBe(action.kind);
      expect(spec.sends ?? false).toBe(action.sends_message);
      expect(Object.keys(spec.params).sort()).toEqual(action.params.map((param) => param.name).sort());
    },
  );

  it('knows the 24 actions that need the packet backend', () => {
    const needing = Object.entries(ACTIONS).filter(([, spec]) => spec.packet === true);
    expect(needing).toHaveLength(
      TABLE.filter((action) => action.note?.includes('Needs the packet backend (') === true).length,
    );
    expect(needing).toHaveLength(24);
  });

  it('types parameters and results', () => {
    const params: ActionParams<'set_group_ban'> = { group_id: '1', user_id: 2, duration: 60 };
    const data: ActionData<'send_group_msg'> = { message_id: 5 };
    const login: ActionData<'get_login_info'> = { user_id: 1, nickname: 'L' };
    // @ts-expect-error duration is required, although NapCat has a default
    const unsafe: ActionParams<'set_group_ban'> = { group_id: '1', user_id: 2 };
    // @ts-expect-error a result is not what another action returns
    const other: ActionData<'get_login_info'> = data;
    expect([params, login, unsafe, other]).toHaveLength(4);
  });

  it('does not take an inherited property for an action', () => {
    expect(actionSpec('constructor')).toBeUndefined();
  });
});

describe('prepareAction', () => {
  it.each(CALLABLE.map((action) => [action.name, action] as const))('accepts a complete call of %s', (name, action) => {
    const params = complete(action);
    const prepared = prepareAction(name, params);
    expect(Object.keys(prepared.params).sort()).toEqual(Object.keys(params).sort());
  });

  it.each(
    CALLABLE.flatMap((action) => action.params.map((param) => [action.name, param.name, action, param] as const)),
  )('names the wrong parameter of %s: %s', (name, key, action, param) => {
    expect(refusal(name, { ...complete(action), [key]: wrong(param) })).toMatch(
      new RegExp(`^${name.replace('.', '\\.')}: .*\\b${key}\\b`),
    );
  });

  it.each(
    CALLABLE.flatMap((action) =>
      action.params.filter((param) => param.required).map((param) => [action.name, param.name, action] as const),
    ),
  )('names the missing parameter of %s: %s', (name, key, action) => {
    expect(refusal(name, { ...complete(action), [key]: undefined })).toContain(`parameter ${key} is missing`);
  });

  it.each([
    ['set_group_ban', { group_id: 1, user_id: 2 }, /duration is missing; without it NapCat lifts the ban/],
    ['set_group_admin', { group_id: 1, user_id: 2 }, /enable is missing; without it NapCat removes the admin/],
    [
      'send_group_msg',
      { group_id: 1, mesage: 'x', message: 'x' },
      /parameter mesage is not known; did you mean message\?/,
    ],
    ['get_status', { verbose: true }, /parameter verbose is not known; it takes none/],
    ['send_like', { user_id: 1, frequency: 2 }, /it takes user_id, times/],
    ['send_like', { user_id: 2 ** 53 }, /parameter user_id must be a QQ number as decimal text, got 9007199254740992/],
    ['send_like', { user_id: '01' }, /got "01"/],
    ['send_like', { user_id: 'x'.repeat(50) }, /got 50 characters of text/],
    ['send_like', { user_id: null }, /got null/],
    ['send_like', { user_id: [] }, /got an empty array/],
    ['send_like', { user_id: [1] }, /got an array/],
    ['send_like', { user_id: true }, /got true/],
    ['get_msg', { message_id: 2 ** 60 }, /exact; pass numbers beyond 2\^53 as text/],
    ['get_msg', { message_id: '' }, /must be text or a number/],
    ['get_msg', { message_id: Number.NaN }, /must be text or a number/],
    ['set_group_kick_members', { group_id: 1, user_id: [] }, /user_id must be a list that is not empty/],
    ['set_input_status', { user_id: 1, event_type: Infinity }, /event_type must be a finite number, got Infinity/],
    ['send_msg', { message: 'x' }, /needs user_id, or group_id/],
    ['delete_essence_msg', { msg_seq: '1' }, /needs message_id, or msg_seq and msg_random and group_id/],
    ['send_forward_msg', { group_id: 1 }, /needs messages, or message/],
    ['send_group_forward_msg', { group_id: 1, messages: 'text' }, /messages must be an array of node segments/],
    ['send_msg', { group_id: 1, message: 5 }, /message must be a message/],
    [
      'send_msg',
      { group_id: 1, message: ['a', { type: 'share', data: {} }] },
      /^send_msg: parameter message: message\[1\] \(share\) needs url as text$/,
    ],
    ['send_msg', { group_id: 1, message: 'a', news: [{}] }, /news must be an array of \{ text \}/],
    [
      'send_msg',
      { group_id: 1, message: 'a', message_type: 'guild' },
      /message_type must be one of private, group, got "guild"/,
    ],
    [
      'upload_group_file',
      { group_id: 1, name: 'a', file: '/app/config/onebot11_1.json' },
      /parameter file: a path is not allowed/,
    ],
    ['send_group_msg_async_rate_limited', { group_id: 1, message: 'x' }, /two suffixes/],
    ['_async', {}, /is not the name of an action/],
    ['.handle_quick_operation_async', { context: {}, operation: {} }, /call the action that you mean/],
    ['send_group_msg_async', { group_id: 1 }, /^send_group_msg: parameter message is missing/],
    ['.handle_quick_operation', { context: {}, operation: {} }, /call the action that you mean/],
    ['../send_msg', {}, /is not the name of an action/],
    ['', {}, /is not the name of an action/],
  ])('refuses %s with %j', (name, params, problem) => {
    expect(refusal(name, params)).toMatch(problem);
  });

  it.each([
    ['send_group_msg', 'plain'],
    ['send_group_msg_async', 'async'],
    ['send_group_msg_rate_limited', 'rate_limited'],
  ])('takes the form %s of an action, and never hands its suffix on', (name, form) => {
    const prepared = prepareAction(name, { group_id: 1, message: 'x' });
    expect(prepared).toMatchObject({ name: 'send_group_msg', form, params: { group_id: '1' } });
    expect(prepareAction(name.replace('send', 'unheard_of'), {})).toMatchObject({ name: 'unheard_of_group_msg', form });
  });

  it('sends ids as text, messages as segments, booleans as booleans, and leaves undefined out', () => {
    const params = { group_id: 712345678, message: 'a[CQ:at,qq=all]', auto_escape: 'true', timeout: undefined };
    expect(prepareAction('send_group_msg', params).params).toEqual({
      group_id: '712345678',
      message: [{ type: 'text', data: { text: 'a[CQ:at,qq=all]' } }],
      auto_escape: true,
    });
    expect(prepareAction('set_group_kick_members', { group_id: 1, user_id: [2, '3'] }).params).toEqual({
      group_id: '1',
      user_id: ['2', '3'],
    });
    expect(prepareAction('set_group_card', { group_id: 1, user_id: 2, card: 7 }).params).toMatchObject({ card: '7' });
    expect(prepareAction('set_group_add_request', { flag: 'f', approve: 'false', reason: null }).params).toMatchObject({
      approve: false,
      reason: null,
    });
  });

  it('leaves out what the standard has and NapCat ignores', () => {
    expect(prepareAction('get_group_info', { group_id: 1, no_cache: true }).params).toEqual({ group_id: '1' });
  });

  it('passes actions that it does not know as they are', () => {
    const params = { anything: [5, { deep: null }] };
    expect(prepareAction('llbot_special', params)).toEqual({ name: 'llbot_special', form: 'plain', params, notes: [] });
  });

  it.each<[string, unknown, string]>([
    ['a BigInt', 5n, 'cannot be written as JSON'],
    ['more than a job may carry', 'x'.repeat(ACTION_PARAMS_MAX), `at most ${ACTION_PARAMS_MAX} fit, give large files`],
  ])('refuses %s in any action, known or not', (_name, value, reason) => {
    expect(() => prepareAction('llbot_special', { value })).toThrow(reason);
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['send_private_msg', { user_id: 1, group_id: 2 }, true],
    ['send_msg', { user_id: 1 }, true],
    ['send_msg', { user_id: 1, group_id: 2 }, false],
    ['send_msg', { message_type: 'private', user_id: 1, group_id: 2 }, true],
    ['send_group_msg', { group_id: 2 }, false],
    ['send_guild_channel_msg', { guild_id: '1', channel_id: '2' }, false],
  ])('knows where %s with %j speaks, and tells what it converted', (name, target, isPrivate) => {
    const { params, notes } = prepareAction(name, {
      ...target,
      message: { type: 'at', data: { qq: '5', name: 'Lin' } },
    });
    const text = { type: 'text', data: { text: '@Lin' } };
    expect(params['message']).toEqual([isPrivate ? text : { type: 'at', data: { qq: '5' } }]);
    expect(notes).toHaveLength(isPrivate ? 1 : 0);
  });
});

describe('nearest', () => {
  it.each([
    ['mesage', ['message', 'timeout'], 'message'],
    ['messagee', ['message', 'messages'], 'message'],
    ['x', ['message'], undefined],
    ['ab', ['abc'], 'abc'],
    ['message', [], undefined],
  ])('means by %s of %j: %s', (name, known, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });
});
