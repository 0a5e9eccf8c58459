import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster, heldBy } from './support/cluster';

const SELF = '3889000001';

let cluster: FaultyCluster;
let one: RunningProcess;
let two: RunningProcess;
let ports: [number, number];

beforeAll(async () => {
  ports = [await freePort(), await freePort()];
  cluster = await FaultyCluster.start(1, 'reverse');
  await cluster.run('worker');
  one = await cluster.run('connector', { reversePort: ports[0] });
  two = await cluster.run('connector', { reversePort: ports[1] });
});
afterAll(() => cluster?.stop());

const ask = async (tag: string): Promise<void> => {
  cluster.ask(SELF, tag, 1);
  await until(`the answer to ${tag}`, () => cluster.answers(SELF, tag).length === 1);
};

describe('a reverse account, which dials whatever connector the balancer chooses', () => {
  it('is held by the connector that it has dialled, wherever it was before', async () => {
    const dial = (port: number) =>
      cluster.fleet.host.dial(SELF, { url: `ws://127.0.0.1:${port}/onebot/v11/ws`, reconnectMs: 200 });
    const first = dial(ports[1]);
    await until('the second connector holds it', async () => (await heldBy(two, 'accounts')) === 1);
    await cluster.online(1, [two]);
    await ask('second');
    first.close();
    dial(ports[0]);
    await until('the first connector holds it', async () => (await heldBy(one, 'accounts')) === 1);
    await cluster.online(1, [one]);
    await ask('first');
    expect(await heldBy(two, 'accounts')).toBe(0);
  });
});
