import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { readOptions } from './options';
import { runSimulator, type RunningSimulator } from './run';

const args = (options: object) => ['--options', JSON.stringify({ logLevel: 'silent', rate: 50, ...options })];

describe('runSimulator', () => {
  let sut: RunningSimulator | undefined;
  afterEach(() => sut?.close());

  const metrics = async (): Promise<Record<string, number>> => {
    const response = await fetch(`http://127.0.0.1:${sut?.ready.healthPort}/metrics`);
    const lines = (await response.text()).split('\n').filter((line) => line.startsWith('rookery_'));
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
  };
  const dial = (account: RunningSimulator['ready']['accounts'][number] | undefined) => {
    if (account?.mode !== 'forward') throw new Error('not a forward account');
    return new WebSocket(account.url, { headers: { Authorization: `Bearer ${account.token}` } });
  };

  it('tells how to reach its accounts and stays silent until one has a client', async () => {
    sut = await runSimulator(readOptions(args({ reverseUrl: 'ws://127.0.0.1:1/' })));
    expect(sut.ready).toMatchObject({
      type: 'ready',
      accounts: [{ mode: 'forward' }, { mode: 'forward' }, { mode: 'reverse' }],
    });
    expect(await metrics()).toMatchObject({
      rookery_simulator_messages_total: 0,
      rookery_simulator_accounts: 3,
      rookery_simulator_accounts_attached: 0,
    });
    const { healthPort } = sut.ready;
    expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(503);
  });

  it('has one person of a group say what it is told', async () => {
    sut = await runSimulator(readOptions(args({ rate: 0 })));
    sut.say('/roll 6');
    sut.say('20');
    expect(await metrics()).toMatchObject({ rookery_simulator_messages_total: 2 });
  });

  it('talks to its clients, counts their answers and faults, and pauses when they have gone', async () => {
    sut = await runSimulator(readOptions(args({ token: 'shared' })));
    const socket = dial(sut.ready.accounts[0]);
    await new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const frame = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
        if (frame['post_type'] === 'message_sent') resolve();
        if (frame['post_type'] !== 'message') return;
        socket.send(
          JSON.stringify({ action: 'send_group_msg', params: { group_id: frame['group_id'], message: 'hi' }, echo: 1 }),
        );
      });
    });
    const { healthPort } = sut.ready;
    expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(200);
    const figures = await metrics();
    expect(figures['rookery_simulator_messages_total']).toBeGreaterThan(0);
    expect(figures['rookery_simulator_answers_total']).toBeGreaterThan(0);
    expect(figures['rookery_simulator_violations_total']).toBeGreaterThan(0);
    socket.terminate();
    while ((await metrics())['rookery_simulator_accounts_attached'] !== 0);
    const before = await metrics();
    expect(await metrics()).toEqual(before);
  });
});
