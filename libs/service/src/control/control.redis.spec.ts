import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { loadConfig, loadProcessSettings } from '@rookery/config';
import {
  channels,
  DEFAULT_POOL,
  makeRequest,
  nodeId,
  selfId,
  type AccountStatus,
  type AppName,
  type NodeId,
} from '@rookery/protocol';
import {
  AccountBoard,
  AccountBoardWriter,
  AccountEvents,
  AccountRegistry,
  connectRedis,
  liveNodes,
  type Redis,
} from '@rookery/redis';
import { eventually, startTestRedis, type TestRedis } from '@rookery/testing';
import { ControlChannel } from '../control-channel';
import { Service } from '../service';
import { answerRequests, type NodeHandlersOptions } from './answer-requests';
import { ClusterControl } from './cluster-control';
import { ControlClient } from './control-client';

const self = selfId('10001');
const online: AccountStatus = {
  self,
  pool: DEFAULT_POOL,
  mode: 'forward',
  state: 'online',
  reason: 'connected',
  since: 5,
};

let server: TestRedis;
let redis: Redis;
let open: { close(): Promise<void> }[];
let asking: ControlChannel;
let client: ControlClient;
let control: ClusterControl;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  open = [];
  asking = await started(new ControlChannel(server.url, () => undefined));
  client = new ControlClient(asking, 300);
  control = controlOf([]);
});
afterEach(async () => {
  await Promise.all(open.map((channel) => channel.close()));
});

function controlOf(accounts: Parameters<typeof registryOf>[0]): ClusterControl {
  const registry = registryOf(accounts);
  return new ClusterControl({
    registry,
    board: new AccountBoard(redis),
    events: new AccountEvents(redis),
    client,
    liveNodes: () => liveNodes(redis),
  });
}

function registryOf(accounts: ReturnType<typeof loadConfig>['accounts']): AccountRegistry {
  return new AccountRegistry({ redis, config: { ...loadConfig({}), accounts } });
}

async function started(channel: ControlChannel): Promise<ControlChannel> {
  open.push(channel);
  await channel.start();
  return channel;
}

interface NodeOptions extends Partial<NodeHandlersOptions> {
  readonly statusOf?: () => AccountStatus | null;
  readonly reconnect?: () => boolean;
}

async function startNode(app: AppName, options: NodeOptions = {}): Promise<Service> {
  const env = { REDIS_URL: server.url, ROOKERY_LOG_LEVEL: 'silent' };
  const service = new Service(app, loadConfig({}), loadProcessSettings(env, app), []);
  const channel = new ControlChannel(server.url, () => undefined);
  const handlers = {
    'account.status': options.statusOf ?? (() => null),
    'account.reconnect': () => ({ done: options.reconnect?.() ?? false }),
  };
  const { accounts = () => 0, drain = () => undefined } = options;
  if (app === 'connector') answerRequests<'connector'>(service, channel, handlers, { accounts, drain });
  else answerRequests<'worker'>(service, channel, {}, { accounts, drain });
  await started(channel);
  return service;
}

const refused = async (service: Service, reason: string) =>
  (await service.metrics.exposition()).includes(`rookery_control_refused_total{reason="${reason}"} 1`);

describe('requests to a node', () => {
  it('are answered by that node and no other, also when many ask at once', async () => {
    const nodes = await Promise.all([startNode('connector'), startNode('worker'), startNode('console')]);
    const asked = nodes.flatMap((node) => Array.from({ length: 20 }, () => node.node));
    const answers = await Promise.all(asked.map((node) => client.ask(node, 'node.info', {})));
    expect(answers.map(({ node }) => node)).toEqual(asked);
    expect(answers[0]).toMatchObject({ app: 'connector', pid: process.pid, ready: true, problems: [], accounts: 0 });
  });

  it('end with NODE_SILENT when nobody is there', async () => {
    await expect(client.ask(nodeId('connector-gone'), 'node.info', {})).rejects.toMatchObject({
      code: 'NODE_SILENT',
      message: expect.stringContaining('connector-gone did not answer node.info'),
    });
  });

  it.each<[string, unknown, string]>([
    ['of a version that it does not know', { v: 9, name: 'node.info', ask: {} }, 'malformed'],
    ['that is no request at all', 'rubbish', 'malformed'],
    ['that it does not know', { v: 1, name: 'node.explode', ask: {} }, 'unknown'],
    ['with the name of something every object has', { v: 1, name: 'constructor', ask: {} }, 'unknown'],
    ['that another app answers', makeRequest('account.status', { self }), 'not_ours'],
    ['whose content is wrong', { v: 1, name: 'node.logLevel', ask: { level: 'loud' } }, 'ask'],
    ['with more than it needs', { v: 1, name: 'node.drain', ask: { force: true } }, 'ask'],
  ])('a request %s is refused, counted and changes nothing', async (_name, data, reason) => {
    let drained = 0;
    const worker = await startNode('worker', { drain: () => (drained += 1) });
    const reply = await asking.ask(channels.control(worker.node), data, 300);
    expect(reply).toMatchObject({ v: 1, error: { code: 'ENVELOPE_INVALID' } });
    expect(await refused(worker, reason)).toBe(true);
    expect([drained, worker.logLevel]).toEqual([0, 'silent']);
  });

  it('rubbish on the wire does not end the channel', async () => {
    const { node } = await startNode('worker');
    for (const text of ['', 'null', '[]', '{"id":"x"}', '{"pattern":1,"data":{}}', '{'.repeat(10_000)]) {
      await redis.publish(channels.control(node), text);
    }
    expect((await client.ask(node, 'node.info', {})).node).toBe(node);
  });

  it('a handler that fails tells the asker without its inner life', async () => {
    const broken = await startNode('connector', {
      statusOf: () => {
        throw new Error('a secret of the inside');
      },
    });
    await expect(client.ask(broken.node, 'account.status', { self })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.not.stringContaining('secret'),
    });
    expect(await refused(broken, 'failed')).toBe(true);
  });

  it('an answer that is none is not taken for one', async () => {
    const impostor = new ControlChannel(server.url, () => undefined);
    impostor.answer(channels.control('worker-1'), async () => ({ v: 1, answer: { node: 7 } }));
    impostor.answer(channels.control('worker-2'), async () => 'what?');
    await started(impostor);
    for (const node of ['worker-1', 'worker-2']) {
      await expect(client.ask(nodeId(node), 'node.info', {})).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
    }
  });
});

describe('ClusterControl and nodes', () => {
  it('lists those that are there, and none after its end', async () => {
    const worker = await startNode('worker');
    await startNode('connector', { accounts: () => 7 });
    const ended = open.at(-1);
    expect(await control.nodes()).toMatchObject([
      { silent: false, app: 'connector', accounts: 7 },
      { silent: false, node: worker.node },
    ]);
    await ended?.close();
    open = open.filter((channel) => channel !== ended);
    expect((await control.nodes()).map(({ node }) => node)).toEqual([worker.node]);
  });

  it('shows one that does not answer as silent, beside the others', async () => {
    const frozen = new ControlChannel(server.url, () => undefined);
    frozen.answer(channels.control('worker-frozen'), () => new Promise(() => undefined));
    await started(frozen);
    await startNode('connector');
    expect(await control.nodes()).toMatchObject([{ silent: false }, { silent: true, node: 'worker-frozen' }]);
  });

  it('drains the one that is named, once', async () => {
    const drained: string[] = [];
    const one = await startNode('connector', { drain: () => drained.push('one') });
    await startNode('connector', { drain: () => drained.push('two') });
    await control.drain(one.node);
    await eventually('drained', () => drained.length > 0);
    expect(drained).toEqual(['one']);
    await expect(control.drain(nodeId('connector-none'))).rejects.toMatchObject({
      code: 'NODE_UNKNOWN',
      message: expect.stringContaining(one.node),
    });
  });

  it('changes the log level of all', async () => {
    const nodes = await Promise.all([startNode('connector'), startNode('worker')]);
    const told: readonly NodeId[] = await control.setLogLevel('fatal');
    expect([...told].sort()).toEqual(nodes.map(({ node }) => node).sort());
    expect(nodes.map(({ logLevel }) => logLevel)).toEqual(['fatal', 'fatal']);
  });
});

describe('ClusterControl and accounts', () => {
  const forward = (id: string) =>
    ({ selfId: selfId(id), pool: DEFAULT_POOL, mode: 'forward', url: 'ws://127.0.0.1:3001' }) as const;

  beforeEach(async () => {
    control = controlOf([forward('10001'), forward('9')]);
    await registryOf([forward('10001'), forward('9')]).seed();
  });

  it('shows what is wanted and how it is, in the order of numbers', async () => {
    const writer = new AccountBoardWriter(redis, nodeId('connector-1'));
    await writer.post([online]);
    await control.stop(selfId('9'));
    expect(await control.accounts()).toMatchObject([
      { self: '9', wanted: 'stopped', state: 'stopped', reason: 'stopped by the operator' },
      { self: '10001', wanted: 'started', state: 'online', since: 5, node: 'connector-1' },
    ]);
  });

  it('every wish is told to all nodes with the new version, and only when it changes something', async () => {
    const versions: unknown[] = [];
    const node = new ControlChannel(server.url, () => undefined);
    node.on(channels.accountsChanged, (data) => versions.push((data as { version: number }).version));
    await started(node);
    await control.pause(self);
    await control.pause(self);
    await control.resume(self);
    await control.stop(self);
    await control.start(self);
    await control.add(forward('10003'));
    await control.remove(selfId('10003'));
    await eventually('all notices', () => versions.at(-1) === 7);
    // Before them there may be one of the test before, which took its time between the servers of a Redis Cluster.
    expect(versions.slice(-6)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('a stopped account is not resumed, and of two who decide at once one is told', async () => {
    const { version } = await control.account(self);
    await control.stop(self, version);
    await expect(control.pause(self, version)).rejects.toMatchObject({ code: 'ACCOUNT_CHANGED' });
    await expect(control.resume(self)).rejects.toThrow(/is stopped, not paused/);
  });

  it('moves to a connector that is there, to no other, and back to where the cluster wants it', async () => {
    const connector = await startNode('connector');
    const worker = await startNode('worker');
    expect(await control.move(self, connector.node)).toMatchObject({ pinnedTo: connector.node });
    expect(await control.move(self, null)).not.toHaveProperty('pinnedTo');
    for (const node of [worker.node, nodeId('connector-none')]) {
      await expect(control.move(self, node)).rejects.toMatchObject({ code: 'NODE_UNKNOWN' });
    }
  });

  it('asks the connector itself for the status, and falls back to its last report', async () => {
    const connector = await startNode('connector', { statusOf: () => ({ ...online, state: 'deaf', since: 9 }) });
    await new AccountBoardWriter(redis, connector.node).post([online]);
    expect(await control.status(self)).toMatchObject({ state: 'deaf', since: 9, node: connector.node });
    await new AccountBoardWriter(redis, nodeId('connector-dead')).post([online]);
    const stale = await control.status(self);
    expect(stale).toMatchObject({ state: 'online', reason: expect.stringContaining('last report') });
  });

  it('reconnects where the account is held, and says so when nobody holds it', async () => {
    await expect(control.reconnect(self)).rejects.toMatchObject({ code: 'LINK_DOWN' });
    let held = true;
    const connector = await startNode('connector', { reconnect: () => held });
    await new AccountBoardWriter(redis, connector.node).post([online]);
    expect(await control.reconnect(self)).toMatchObject({ self });
    held = false;
    await expect(control.reconnect(self)).rejects.toMatchObject({ code: 'LINK_DOWN' });
  });

  it('has the history of an account', async () => {
    const change = { self, from: 'connecting', to: 'online', reason: 'connected', at: 5 } as const;
    await new AccountEvents(redis).append(nodeId('connector-1'), [change, { ...change, self: selfId('9') }]);
    expect(await control.history(self, 10)).toMatchObject([{ ...change, node: 'connector-1' }]);
    await expect(control.history(selfId('404'), 10)).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
  });

  it('knows no account that is not there', async () => {
    const unknown = { code: 'ACCOUNT_UNKNOWN' };
    for (const wish of ['account', 'status', 'start', 'stop', 'pause', 'resume', 'reconnect', 'remove'] as const) {
      await expect(control[wish](selfId('404'))).rejects.toMatchObject(unknown);
    }
  });
});

describe('a control channel whose connections are cut', () => {
  const cut = (type: 'NORMAL' | 'PUBSUB') => redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'YES');
  let heard: unknown[];
  let returns: number;
  let speaking: ControlChannel;
  let troubles: number;

  beforeEach(async () => {
    heard = [];
    returns = 0;
    troubles = 0;
    const listening = new ControlChannel(server.url, () => undefined);
    listening.on('spoken', (data) => heard.push(data));
    listening.onReturn(() => (returns += 1));
    await started(listening);
    speaking = await started(new ControlChannel(server.url, () => (troubles += 1)));
    speaking.emit('spoken', 'first');
    await eventually('it is heard', () => heard.includes('first'));
    expect(returns).toBe(0);
  });

  it('tells that it may have missed something, once it hears again', async () => {
    await cut('PUBSUB');
    await eventually('it is back', () => returns === 1);
    speaking.emit('spoken', 'afterwards');
    await eventually('it is heard', () => heard.includes('afterwards'));
    expect(returns).toBe(1);
  });

  it('says afterwards what it could not say meanwhile', async () => {
    await cut('NORMAL');
    let said = 0;
    await eventually('something cannot be said', () => {
      speaking.emit('spoken', (said += 1));
      return troubles > 0;
    });
    await eventually('it is heard', () => heard.includes(said));
    // Nothing was missed.
    expect(returns).toBe(0);
  });
});
