import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-outage-'));
  fleet = await Fleet.start({ accounts: 1, groups: 1 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the fleet has no forward account');
  self = account.selfId;
  const config = join(dir, 'rookery.yaml');
  await writeFile(
    config,
    `partitions: 4\nreverse: { port: 0 }\nlimits: { profile: unlimited }\nbrake: { turns: 0 }\naccounts: [{ selfId: "${self}", mode: forward, url: "${account.url}", token: "${account.token}" }]\n`,
  );
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  [connector, worker] = await Promise.all([startProcess('connector', env), startProcess('worker', env)]);
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
});

afterAll(async () => {
  expect(await Promise.all([connector?.stop(), worker?.stop()])).toEqual([0, 0]);
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

const answers = () =>
  fleet.world.audit.sent({ user: LIN }).map((record) => /pong (\S+)/.exec(String(record.text))?.[1]);

describe('Redis is killed and comes back', () => {
  it.each([
    ['for a moment', 0],
    ['for longer than the longest wait of a blocking read', 8_000],
  ])('%s: what was said meanwhile is answered once, in order, by the same processes', async (name, awayMs) => {
    const tag = `${name.length}`;
    fleet.world.say(LIN, { private: self }, `/ping before-${tag}`);
    await until('an answer before', () => answers().includes(`before-${tag}`));
    process.kill(redis.pid, 'SIGKILL');
    fleet.world.say(LIN, { private: self }, `/ping during-${tag}`);
    const back = performance.now() + awayMs;
    await until('the outage has lasted', () => performance.now() >= back, awayMs + 5_000);
    await redis.restart();
    fleet.world.say(LIN, { private: self }, `/ping after-${tag}`);
    await until('the answers after', () => answers().includes(`after-${tag}`), 45_000);
    expect(answers().filter((answer) => answer?.endsWith(tag))).toEqual([
      `before-${tag}`,
      `during-${tag}`,
      `after-${tag}`,
    ]);
  });
});
