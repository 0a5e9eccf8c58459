import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { startOtlpReceiver, type OtlpReceiver } from './support/otlp-receiver';
import { startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';
const CLI = join(__dirname, '../../dist/apps/cli/src/main.js');

interface Step {
  readonly stage: string;
  readonly at: number;
  readonly what: string;
  readonly node: string;
}

let redis: TestRedis;
let dir: string;
let env: Record<string, string>;
let fleet: Fleet;
let receiver: OtlpReceiver;
let processes: RunningProcess[];

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-trace-'));
  fleet = await Fleet.start({ accounts: 2, groups: 1 });
  receiver = await startOtlpReceiver();
  const config = join(dir, 'rookery.yaml');
  const accounts = fleet.accounts.flatMap((account) =>
    account.mode === 'forward'
      ? [`  - { selfId: "${account.selfId}", mode: forward, url: "${account.url}", token: "${account.token}" }`]
      : [],
  );
  const otlp = `telemetry: { otlp: { url: "${receiver.url}", headers: { authorization: "Bearer of-the-test" } } }`;
  await writeFile(
    config,
    // Lin says ten things at once, and may be answered before the last of them has come in.
    ['partitions: 4', 'limits: { profile: unlimited }', 'brake: { turns: 0 }', otlp, 'accounts:', ...accounts].join(
      '\n',
    ),
  );
  env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  processes = await Promise.all([startProcess('connector', env), startProcess('worker', env)]);
  await until('both are online', async () =>
    ((await processes[0]?.metrics()) ?? '').includes('rookery_accounts{state="online"} 2'),
  );
});

afterAll(async () => {
  await Promise.all((processes ?? []).map((running) => running.stop()));
  await fleet?.close();
  await receiver?.stop();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function rookery(...args: string[]): Promise<string> {
  const options = { env: { PATH: process.env['PATH'] ?? '', ...env } };
  return await promisify(execFile)(process.execPath, [CLI, ...args], options).then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );
}

/** The events that were traced last and whose trace holds all of these stages. */
async function tracedWith(...stages: string[]): Promise<[event: string, steps: Step[]] | undefined> {
  const listed = await rookery('trace');
  for (const event of listed.split('\n').filter((line) => /^[\x21-\x7e]+$/.test(line))) {
    const text = await rookery('trace', event, '--json');
    const records = JSON.parse(text) as { node: string; steps: Step[] }[];
    const steps = records.flatMap(({ node, steps: own }) => own.map((step) => ({ ...step, node })));
    if (stages.every((stage) => steps.some((step) => step.stage === stage))) return [event, steps];
  }
  return undefined;
}

describe('one message', () => {
  let event: string;

  it('can be followed from the socket to the answer by `rookery trace`, over the processes that had it', async () => {
    const before = fleet.world.audit.sent().length;
    fleet.world.say(LIN, { group: GROUP }, '/ping a word that is nobody’s business');
    await until('an answer', () => fleet.world.audit.sent().length > before);
    let found: [string, Step[]] | undefined;
    await until('all has been told', async () => {
      found = await tracedWith('read', 'taken', 'ran', 'asked', 'settled', 'ended');
      return found !== undefined;
    });
    const [id, steps] = found as [string, Step[]];
    event = id;
    const order = ['read', 'taken', 'ran', 'ended'].map((stage) => steps.find((step) => step.stage === stage)?.at ?? 0);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(steps.find(({ stage }) => stage === 'ran')?.what).toBe('ping.ping');
    expect(steps.find(({ stage }) => stage === 'ended')?.what).toMatch(/^send_group_msg: sent \(/);
    expect(new Set(steps.map(({ node }) => node.split('-')[0]))).toEqual(new Set(['connector', 'worker']));

    const text = await rookery('trace', event);
    expect(text.split('\n')[0]).toMatch(/, seen by account \d+, OpenTelemetry trace [0-9a-f]{32}$/);
    expect(text.match(/ \+\d+ ms {2}\w+/g)).toHaveLength(steps.length);
    expect(text).not.toContain('nobody’s business');
  });

  it('is one trace at an OpenTelemetry receiver, whose parts both processes have told', async () => {
    const traceId = /OpenTelemetry trace ([0-9a-f]{32})/.exec(await rookery('trace', event))?.[1];
    const names = ['envelope', 'handler ping.ping', 'event', 'action send_group_msg'];
    const own = () => receiver.spans.filter((span) => span.traceId === traceId);
    await until('its spans', () => names.every((name) => own().some((span) => span.name === name)));
    const root = own().find(({ name }) => name === 'event');
    expect(root?.parentSpanId).toBeUndefined();
    const children = own().filter((span) => span !== root);
    expect(new Set(children.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root?.spanId]));
    expect(Object.fromEntries(own().map(({ name, service }) => [name, service]))).toEqual({
      envelope: 'rookery-worker',
      'handler ping.ping': 'rookery-worker',
      event: 'rookery-worker',
      'action send_group_msg': 'rookery-connector',
    });
    for (const span of own())
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    expect(new Set(receiver.authorizations)).toEqual(new Set(['Bearer of-the-test']));
    expect(JSON.stringify(receiver.spans)).not.toContain('nobody’s business');
  });

  it('is answered as ever while the receiver is away', async () => {
    await receiver.stop();
    const before = fleet.world.audit.sent().length;
    for (let n = 0; n < 10; n++) fleet.world.say(LIN, { group: GROUP }, `/ping ${n}`);
    await until('all answers', () => fleet.world.audit.sent().length === before + 10);
    await until('it is said once', () =>
      processes.some(({ lines }) => lines.some(({ msg }) => String(msg).startsWith('spans could not be exported'))),
    );
    for (const { http } of processes) expect((await fetch(`${http}/readyz`)).status).toBe(200);
  });

  it('that nobody knows is said to be unknown', async () => {
    expect(await rookery('trace', 'm.unknown')).toMatch(/nothing is known of event m\.unknown/);
    expect(await rookery('trace', 'a:b')).toMatch(/is no id of an event/);
  });
});
