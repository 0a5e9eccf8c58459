import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { caller, fixture, refusal, SELF, stage } from '../testing/stage';
import { ACTIONS } from './action-table';
import { knownAction } from './perform';

interface ActionFacts {
  readonly name: string;
  readonly note?: string;
  readonly returns: string;
  readonly params: readonly { readonly name: string; readonly required: boolean }[];
}
const facts = fixture<ActionFacts[]>('actions.json');
const root = join(__dirname, '../../../..');

describe('the action table', () => {
  it('is what the generator makes of the fact table', () => {
    const printed = execFileSync('node', ['scripts/generate-simulator-actions.mjs', '--print'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(readFileSync(join(__dirname, 'action-table.ts'), 'utf8')).toBe(printed);
  });

  it.each(facts.map((action) => [action.name, action] as const))('knows %s and its parameters', (name, action) => {
    expect(Object.keys(ACTIONS[name]?.params ?? {})).toEqual(action.params.map((param) => param.name));
    const required = action.params.filter((param) => param.required).map((param) => param.name);
    expect(
      Object.entries(ACTIONS[name]?.params ?? {}).flatMap(([key, param]) => (param.required ? [key] : [])),
    ).toEqual(required);
  });

  it('has every name that the fact table has, and both suffixes of each', () => {
    for (const { name } of facts) {
      expect([name, `${name}_async`, `${name}_rate_limited`].map(knownAction)).toEqual([name, name, name]);
    }
  });

  it.each(['send_guild_msg', '', 'constructor', 'toString', undefined, 5, null])('does not know %p', (name) => {
    expect(knownAction(name)).toBeUndefined();
  });

  it.each(facts.filter(({ returns }) => returns.startsWith('none')).map(({ name }) => [name]))(
    '%s has no data, so the key will be missing',
    (name) => {
      expect(ACTIONS[name]).not.toHaveProperty('data');
    },
  );

  it.each(facts.filter(({ returns }) => returns === 'null').map(({ name }) => [name]))(
    '%s has null as data',
    (name) => {
      expect(ACTIONS[name]?.data).toBeNull();
    },
  );
});

describe('perform', () => {
  const backend = facts.filter(({ note }) => note?.includes('Needs the packet backend') === true);

  it.each(backend.map(({ name }) => [name]))('refuses %s with 1400 when the packet backend does not work', (name) => {
    const { world } = stage(FakeClock);
    const { retcode, text } = refusal(() => caller(world, SELF, { packetBackend: false })(name));
    expect([retcode, text.includes('packetBackend')]).toEqual([1400, true]);
  });

  it('answers actions without an effect with an empty value of the declared shape', () => {
    const { world } = stage(FakeClock);
    const call = caller(world);
    expect(call('get_group_honor_info', { group_id: '1' })).toMatchObject({ group_id: 0, talkative_list: [] });
    expect(call('set_qq_avatar', { file: 'x' })).toBeNull();
    expect(call('clean_cache')).toBeUndefined();
  });

  it('refuses wrong parameters with 1400, except in the send family, which NapCat does not validate', () => {
    const { world } = stage(FakeClock);
    const call = caller(world);
    expect(refusal(() => call('get_group_info', {})).retcode).toBe(1400);
    expect(refusal(() => call('set_group_name', { group_id: '1', group_name: {} }))).toEqual({
      retcode: 1400,
      text: 'Key: group_name, Message: Expected string',
    });
    expect(refusal(() => call('send_group_msg', {})).retcode).toBe(1200);
  });

  it('refuses a name that is not in the table', () => {
    const { world } = stage(FakeClock);
    expect(refusal(() => caller(world)('send_guild_msg')).retcode).toBe(1404);
  });
});
