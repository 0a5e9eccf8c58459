import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, selfId } from '@rookery/protocol';
import { ActionClaims, connectRedis } from '@rookery/redis';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';

let redis: TestRedis;
let dir: string;
let fleet: Fleet;
let connector: RunningProcess;
let worker: RunningProcess;
let self: string;

beforeEach(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-drain-'));
  fleet = await Fleet.start({ accounts: 1, groups: 1 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the fleet has no forward account');
  self = account.selfId;
  const config = join(dir, 'rookery.yaml');
  await writeFile(
    config,
    `partitions: 2\nreverse: { port: 0 }\naccounts: [{ selfId: "${self}", mode: forward, url: "${account.url}", token: "${account.token}" }]\n`,
  );
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  [connector, worker] = await Promise.all([startProcess('connector', env), startProcess('worker', env)]);
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
});

afterEach(async () => {
  await Promise.all([connector?.stop(), worker?.stop()]);
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** What Redis knows of the one action once the connector has gone. */
async function leftBehind(): Promise<{ active: number; claim: string }> {
  const client = await connectRedis(redis.url, 'producer', 'drain', () => undefined);
  const [claim] = await client.keys('rookery:*:claim:*');
  const active = await client.llen(`rookery:actions-{a${self}}:active`);
  const id = String(claim).split(':claim:')[1];
  const result = await new ActionClaims(client).find(selfId(self), actionId(String(id)));
  client.disconnect();
  return { active, claim: result?.outcome ?? 'open' };
}

describe('a connector is stopped while an action is under way', () => {
  it('waits for the reply and writes down what came of it', async () => {
    fleet.host.endpoint(self).faults.delayReplies(700);
    fleet.world.say(LIN, { private: self }, '/ping slow');
    await until('NapCat has it', () => fleet.world.audit.sent().length === 1);
    expect(await connector.stop()).toBe(0);
    expect(await leftBehind()).toEqual({ active: 0, claim: 'sent' });
  });

  it('writes down that nobody knows when NapCat goes away at the same time', async () => {
    fleet.host.endpoint(self).faults.delayReplies(60_000);
    fleet.world.say(LIN, { private: self }, '/ping lost');
    await until('NapCat has it', () => fleet.world.audit.sent().length === 1);
    const [code] = await Promise.all([connector.stop(), fleet.close()]);
    expect(code).toBe(0);
    expect(await leftBehind()).toEqual({ active: 0, claim: 'unknown' });
  });
});
