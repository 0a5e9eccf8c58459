import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { actionId, channels, nodeId, parseResults, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import { connectRedis } from '@rookery/redis';
import { ControlChannel } from '@rookery/service';
import { Fleet, type FleetAccount } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { freePort, metricValue, startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';

let redis: TestRedis;
let dir: string;
let fleet: Fleet;
let connector: RunningProcess;
let worker: RunningProcess;
let console_: RunningProcess;

const accountYaml = (account: FleetAccount) =>
  account.mode === 'forward'
    ? `  - { selfId: "${account.selfId}", mode: forward, url: "${account.url}", token: "${account.token}" }`
    : `  - { selfId: "${account.selfId}", mode: reverse, token: "${account.token}" }`;

beforeAll(async () => {
  Logger.overrideLogger(false);
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-way-'));
  const port = await freePort();
  fleet = await Fleet.start({
    accounts: 3,
    groups: 2,
    reverseUrl: `ws://127.0.0.1:${port}/onebot/v11/ws`,
    reconnectMs: 100,
    endpoint: { reportSelf: true },
  });
  const config = join(dir, 'rookery.yaml');
  await writeFile(
    config,
    [
      'partitions: 8',
      `reverse: { port: ${port} }`,
      'limits: { profile: unlimited }',
      'brake: { turns: 0 }',
      'accounts:',
    ]
      .concat(fleet.accounts.map(accountYaml))
      .join('\n'),
  );
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  [connector, worker, console_] = await Promise.all([
    startProcess('connector', env),
    startProcess('worker', env),
    startProcess('console', env),
  ]);
  await until('all accounts are online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 3'),
  );
});

afterAll(async () => {
  expect(await Promise.all([connector?.stop(), worker?.stop(), console_?.stop()])).toEqual([0, 0, 0]);
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** What our accounts sent since `before`, as the simulator received it. */
function sentSince(before: number) {
  return fleet.world.audit.sent().slice(before);
}
const sentSoFar = () => fleet.world.audit.sent().length;

describe('a message goes the whole way, over real sockets and processes', () => {
  it('in a group with three of our accounts it gets one answer, which quotes it', async () => {
    const before = sentSoFar();
    const said = fleet.world.say(LIN, { group: GROUP }, '/ping 你好');
    await until('an answer', () => sentSoFar() > before);
    fleet.world.say(LIN, { group: GROUP }, '/ping second');
    await until('the second answer', () => sentSoFar() >= before + 2);
    const sent = sentSince(before);
    expect(sent.map((record) => record.action)).toEqual(['send_group_msg', 'send_group_msg']);
    expect(sent[0]?.params['message']).toEqual([
      { type: 'reply', data: { seq: said.seq } },
      { type: 'text', data: { text: 'pong 你好' } },
    ]);
    expect(sent[1]?.text).toContain('pong second');
  });

  it.each(['forward', 'reverse'] as const)('in a private chat, over a %s connection', async (mode) => {
    const self = String(fleet.accounts.find((account) => account.mode === mode)?.selfId);
    const before = sentSoFar();
    fleet.world.say(LIN, { private: self }, `/ping ${mode}`);
    await until('an answer', () => sentSoFar() > before);
    expect(sentSince(before)).toMatchObject([{ self, action: 'send_private_msg', userId: LIN }]);
    expect(sentSince(before)[0]?.text).toContain(`pong ${mode}`);
  });

  it.each([
    ['text that looks like a segment', '[CQ:at,qq=all] &#91;x&#93; &amp;'],
    ['several lines', 'one\n  two\n\nthree  '],
    ['emoji and rare characters', '🐧👨‍👩‍👧‍👦 𠮷 \u200b ﷽'],
    ['10,000 characters', '企'.repeat(10_000)],
    ['nothing special', 'x'],
  ])('%s comes back unchanged, as text', async (_name, text) => {
    const self = String(fleet.accounts[0]?.selfId);
    const before = sentSoFar();
    fleet.world.say(LIN, { private: self }, [{ type: 'text', data: { text: `/ping ${text}` } }]);
    await until('an answer', () => sentSoFar() > before);
    const message = sentSince(before)[0]?.params['message'] as { type: string; data: { text?: string } }[];
    expect(message.filter((segment) => segment.type !== 'reply')).toEqual([
      { type: 'text', data: { text: `pong ${text}` } },
    ]);
  });

  it('help lists the commands in both languages', async () => {
    const self = String(fleet.accounts[0]?.selfId);
    const before = sentSoFar();
    fleet.world.say(LIN, { private: self }, '/help');
    await until('an answer', () => sentSoFar() > before);
    const text = String(sentSince(before)[0]?.text);
    expect(text).toContain('/ping');
    expect(text).toContain('/help');
    expect(text).toMatch(/[\u4e00-\u9fff]/);
  });

  it('chatter that nobody asked about is read and answered by nothing', async () => {
    const before = sentSoFar();
    for (let n = 0; n < 20; n++) fleet.world.say(LIN, { group: GROUP }, `ping ${n} without a prefix`);
    fleet.world.say(LIN, { group: GROUP }, '/ping end');
    await until('the answer to the last', () => sentSoFar() > before);
    expect(sentSince(before).map((record) => record.text)).toEqual([expect.stringContaining('pong end')]);
  });

  it('answers one conversation in the order of its messages', async () => {
    const self = String(fleet.accounts[0]?.selfId);
    const before = sentSoFar();
    for (let n = 0; n < 20; n++) fleet.world.say(LIN, { private: self }, `/ping ${n}`);
    await until('all answers', () => sentSoFar() >= before + 20);
    expect(sentSince(before).map((record) => /pong (\d+)/.exec(String(record.text))?.[1])).toEqual(
      Array.from({ length: 20 }, (_, n) => String(n)),
    );
  });

  it('and nothing that we ever sent was refused or malformed by the rules of NapCat', async () => {
    expect(fleet.world.audit.violations).toEqual([]);
    const text = await connector.metrics();
    expect(metricValue(text, 'rookery_actions_total{outcome="sent",lane="interactive"}')).toBeGreaterThan(25);
    expect(text).not.toMatch(/rookery_actions_total\{outcome="(refused|not_sent|unknown)".* [1-9]/);
  });
});

describe('an action asked by any node', () => {
  it('is executed once, and its result comes back, also when it is asked again later', async () => {
    const node = nodeId('tester');
    const link = await connectRedis(redis.url, 'producer', 'tester', () => undefined);
    const backend = new SharedQueueBackend(link);
    await backend.ready();
    const results: ActionResult[] = [];
    const control = new ControlChannel(redis.url, (error) => {
      throw error;
    });
    control.on(channels.results(node), (data) => results.push(...parseResults(data).results));
    await control.start();
    const publisher = new ActionPublisher(backend, (accounts) =>
      control.emit(channels.actionsWaiting, { v: 1, accounts }),
    );
    const self = selfId(String(fleet.accounts[0]?.selfId));
    const action: Action = {
      v: 1,
      id: actionId('tester.1'),
      self,
      name: 'send_group_msg',
      params: { group_id: GROUP, message: [{ type: 'text', data: { text: 'asked from outside' } }] },
      lane: 'normal',
      createdAt: Date.now(),
      expiresAt: Date.now() + 60_000,
      replyTo: node,
      origin: { plugin: 'tester' },
    };
    const before = sentSoFar();
    await publisher.publish(action);
    await until('the result', () => results.length === 1);
    await publisher.publish(action);
    await until('the result again', () => results.length === 2);
    expect(results[0]).toMatchObject({ id: 'tester.1', outcome: 'sent', data: { message_id: expect.any(Number) } });
    expect(results[1]).toEqual(results[0]);
    expect(sentSince(before)).toHaveLength(1);
    await publisher.publish({ ...action, id: actionId('tester.2'), name: 'get_group_list', params: {}, lane: 'read' });
    await until('the answer of a read', () => results.length === 3);
    expect(results[2]).toMatchObject({ outcome: 'sent', data: expect.arrayContaining([expect.anything()]) });
    await control.close();
    await backend.close();
    link.disconnect();
  });
});

describe('what an operator sees', () => {
  it('every process is alive and ready, and exports metrics', async () => {
    for (const process of [connector, worker, console_]) {
      expect((await fetch(`${process.http}/healthz`)).status).toBe(200);
      expect((await fetch(`${process.http}/readyz`)).status).toBe(200);
      expect(await process.metrics()).toContain('rookery_build_info');
    }
  });

  it('the console lists every account with state and reason', async () => {
    await until('the board shows them', async () => {
      const answer = await fetch(`${console_.http}/api/accounts`);
      const { accounts } = (await answer.json()) as { accounts: { state: string; reason: string }[] };
      return accounts.length === 3 && accounts.every((account) => account.state === 'online' && account.reason !== '');
    });
  });

  it('no token appears in anything that was printed or exported', async () => {
    const everything = JSON.stringify([
      ...connector.lines,
      ...worker.lines,
      ...console_.lines,
      await connector.metrics(),
      await worker.metrics(),
      await (await fetch(`${console_.http}/api/accounts`)).text(),
    ]);
    for (const { token } of fleet.accounts) expect(everything).not.toContain(token);
  });
});

describe('a start that cannot work', () => {
  it.each([
    ['Redis is not there', { REDIS_URL: 'redis://127.0.0.1:1' }, 'accounts: []', /127\.0\.0\.1:1.*does not answer/],
    ['the reverse port is taken', {}, 'reverse: { port: PORT }', /reverse\.port/],
    ['the configuration is wrong', {}, 'acounts: []', /acounts/],
    ['the number of partitions differs', {}, 'partitions: 9', /partitions: 8/],
  ])('ends with one clear message when %s', async (_name, env, yaml, expected) => {
    const config = join(dir, 'broken.yaml');
    const port = new URL(connector.http).port;
    await writeFile(config, `${yaml.replace('PORT', port)}\n${yaml.startsWith('partitions') ? '' : 'partitions: 8\n'}`);
    const attempt = startProcess('connector', { ROOKERY_CONFIG: config, REDIS_URL: redis.url, ...env });
    await expect(attempt).rejects.toThrow(expected);
  });
});
