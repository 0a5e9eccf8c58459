import { describe, expect, it } from '@jest/globals';
import { RookeryError, type Event, type SettingsRequest } from '@rookery/protocol';
import { ChatSettings } from './chat-settings';

const request: SettingsRequest = { op: 'switch', plugin: 'dice', scope: 'group:100', on: false };
const message = (role?: string, scene: object = { kind: 'group', groupId: '100' }) =>
  ({ type: 'message', self: '1', pool: 'default', scene, sender: { userId: '7', role } }) as unknown as Event;

function setUp(error?: Error) {
  const done: string[] = [];
  const act = (name: string) => async (): Promise<never> => {
    done.push(name);
    throw error ?? new Error('unexpected');
  };
  const control = {
    plugins: async () => [],
    settings: async () => [],
    handlerOf: async () => undefined,
    switch: act('switch'),
    reset: act('reset'),
    config: act('config'),
    configure: act('configure'),
  };
  const inForce = { isSuperuser: (user: string) => user === '9', isOn: () => true, look: async () => undefined };
  return { sut: new ChatSettings({ control, inForce }), done };
}

describe('ChatSettings', () => {
  it.each([
    ['a member', message('member')],
    ['a person in private', message(undefined, { kind: 'private', userId: '7' })],
    [
      'an admin who writes in private, as a forged role would have it',
      message('admin', { kind: 'private', userId: '7' }),
    ],
    ['a notice', { type: 'notice', groupId: '100', userId: '9' } as unknown as Event],
    ['a schedule', { type: 'schedule' } as unknown as Event],
  ])('changes nothing on behalf of %s, whatever the plugin asks', async (_, event) => {
    const { sut, done } = setUp();
    for (const asked of [request, { op: 'plugins' } as const]) {
      expect(await sut.run(event, asked)).toMatchObject({ kind: 'refused' });
    }
    expect(done).toEqual([]);
  });

  it('tells the person why in both languages, and lets trouble with Redis pass for a retry', async () => {
    const refused = setUp(new RookeryError('SETTING_REFUSED', 'no room'));
    expect(await refused.sut.run(message('owner'), request)).toEqual({
      kind: 'refused',
      why: { zh: '设置未更改：no room', en: 'Nothing was set: no room' },
    });
    await expect(setUp(new Error('away')).sut.run(message('owner'), request)).rejects.toThrow('away');
    const other = new RookeryError('INTERNAL', 'broken');
    await expect(setUp(other).sut.run(message('owner'), request)).rejects.toThrow('broken');
  });
});
