import { describe, expect, it } from '@jest/globals';
import { decodeFrame, type CallEnd, type EventFrame } from '@rookery/onebot';
import { DEFAULT_POOL, selfId, type AccountState, type AccountStatus } from '@rookery/protocol';
import { CapabilityProbe } from './capability-probe';

const self = selfId('10001');
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const status = (state: AccountState): AccountStatus => ({
  ...{ self, pool: DEFAULT_POOL, mode: 'forward', state, reason: 'r', since: 1 },
});
const replied = (data: unknown, retcode = 0): CallEnd => ({
  kind: 'replied',
  reply: { status: retcode === 0 ? 'ok' : 'failed', retcode, data, message: '', echo: 'x', stream: false },
});
const napcat = replied({ app_name: 'NapCat.Onebot', app_version: '4.18.19' });
const llbot = replied({ app_name: 'LLBot', app_version: '7.0' });

function frame(message: unknown): EventFrame {
  const decoded = decodeFrame(JSON.stringify({ post_type: 'message', message }));
  if (decoded.kind !== 'event') throw new Error('not an event');
  return decoded.frame;
}

function setUp(answers: Record<string, CallEnd | { kind: 'down' }>) {
  const asked: string[] = [];
  const sut = new CapabilityProbe({
    async call(_self, action) {
      asked.push(action);
      return answers[action] ?? { kind: 'timed_out' };
    },
  });
  const learned: object[] = [];
  sut.on('learned', (_self, implementation) => learned.push(implementation));
  const see = async (...states: AccountState[]) => {
    for (const state of states) sut.see(status(state));
    await turn();
  };
  return { sut, asked, learned, answers, see };
}

describe('CapabilityProbe', () => {
  it('asks an account that came online what it is, once per connection', async () => {
    const { sut, asked, see } = setUp({ get_version_info: napcat, nc_get_packet_status: replied(null, 1400) });
    expect(sut.describe(status('online'))).not.toHaveProperty('implementation');
    await see('connecting', 'online', 'deaf', 'online');
    expect(asked).toEqual(['get_version_info', 'nc_get_packet_status']);
    expect(sut.describe(status('online')).implementation).toEqual({
      name: 'napcat',
      version: 'NapCat.Onebot 4.18.19',
      packetBackend: false,
    });
  });

  it('asks again after a reconnect, since NapCat may have been replaced, and keeps what it knew until then', async () => {
    const { sut, answers, see, learned } = setUp({ get_version_info: napcat });
    await see('online');
    await see('connecting');
    expect(sut.describe(status('connecting')).implementation?.name).toBe('napcat');
    answers['get_version_info'] = llbot;
    await see('online');
    expect(learned.at(-1)).toEqual({ name: 'llbot', version: 'LLBot 7.0' });
  });

  it('asks nobody but NapCat for its packet backend', async () => {
    const { asked, see } = setUp({ get_version_info: llbot });
    await see('online');
    expect(asked).toEqual(['get_version_info']);
  });

  it.each([
    ['does not answer', { kind: 'timed_out' }],
    ['has no link', { kind: 'down' }],
    ['does not know the question', replied(null, 1404)],
  ] as const)('says nothing of an account that %s, and asks at the next chance', async (_name, end) => {
    const { sut, asked, see, learned } = setUp({ get_version_info: end });
    await see('online');
    expect(sut.describe(status('online'))).toEqual(status('online'));
    await see('paused', 'online');
    expect({ asked: asked.length, learned }).toEqual({ asked: 2, learned: [] });
  });

  it('sees the form of messages, whenever it comes, and when it changes', async () => {
    const { sut, see, learned } = setUp({ get_version_info: llbot });
    sut.seeFrame(self, frame([]));
    await see('online');
    sut.seeFrame(self, frame([]));
    sut.seeFrame(self, frame(5));
    sut.seeFrame(self, frame('x'));
    expect(learned).toEqual([
      { name: 'llbot', version: 'LLBot 7.0', format: 'array' },
      { name: 'llbot', version: 'LLBot 7.0', format: 'string' },
    ]);
  });

  it('forgets an account that has left, also while it was being asked', async () => {
    const { sut, see, learned } = setUp({ get_version_info: napcat });
    await see('online', 'stopped');
    expect(learned).toEqual([]);
    await see('online');
    await see('stopped');
    expect(sut.describe(status('stopped'))).toEqual(status('stopped'));
  });
});
