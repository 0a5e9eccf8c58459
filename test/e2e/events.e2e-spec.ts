import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock, unfolded, type Event } from '@rookery/protocol';
import { EnvelopeFetch, EventConsumer } from '@rookery/queues';
import { connectRedis, PartitionLedger, type Redis } from '@rookery/redis';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { WebSocketServer, type WebSocket } from 'ws';
import { metricValue, startProcess, until, type RunningProcess } from './support/processes';

/** One of the committed facts about what NapCat and others send. */
interface Fact {
  readonly id: string;
  readonly example: Record<string, unknown>;
  readonly example_string_format?: Record<string, unknown>;
}
const facts = JSON.parse(readFileSync(join(__dirname, '../fixtures/protocol/events.json'), 'utf8')) as readonly Fact[];
const SELF = '3889000001';
const PARTITIONS = 4;

let server: TestRedis;
let dir: string;
let napcat: WebSocketServer;
let connector: RunningProcess;
let redis: Redis;
let fetch: EnvelopeFetch;
let consumers: EventConsumer[] = [];
const events: Event[] = [];
let sockets: WebSocket[] = [];

beforeAll(async () => {
  server = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-e2e-'));
  sockets = [];
  napcat = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  napcat.on('connection', (socket) => {
    sockets.push(socket);
    send({
      time: now(),
      self_id: Number(SELF),
      post_type: 'meta_event',
      meta_event_type: 'lifecycle',
      sub_type: 'connect',
    });
  });
  await new Promise((resolve) => napcat.once('listening', resolve));
  const { port } = napcat.address() as AddressInfo;
  const config = join(dir, 'rookery.yaml');
  await writeFile(
    config,
    `partitions: ${PARTITIONS}\nreverse: { port: 0 }\naccounts: [{ selfId: "${SELF}", mode: forward, url: "ws://127.0.0.1:${port}" }]\n`,
  );
  redis = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  connector = await startProcess('connector', { ROOKERY_CONFIG: config, REDIS_URL: server.url });
  fetch = new EnvelopeFetch(redis, systemClock);
  consumers = Array.from({ length: PARTITIONS }, (_, partition) => {
    const consumer = new EventConsumer({
      fetch,
      partition,
      ledger: new PartitionLedger({ redis, clock: systemClock }),
      clock: systemClock,
      handle: async (envelope) => {
        events.push(...envelope.events.map(unfolded));
        return 'settled';
      },
    });
    consumer.start();
    return consumer;
  });
  await until('the lifecycle frame arrives', () => events.length === 1);
});

afterAll(async () => {
  expect(await connector?.stop()).toBe(0);
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await fetch?.close();
  redis?.disconnect();
  for (const socket of sockets) socket.terminate();
  await new Promise((resolve) => napcat.close(resolve));
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(() => {
  events.length = 0;
});

const now = () => Math.floor(Date.now() / 1000);
function send(frame: string | Buffer | object): void {
  const socket = sockets.at(-1);
  if (typeof frame === 'string' || Buffer.isBuffer(frame)) socket?.send(frame);
  else socket?.send(JSON.stringify(frame));
}
const message = (seq: number) => ({
  self_id: Number(SELF),
  user_id: 1500000021,
  time: now(),
  message_id: 1000 + seq,
  real_seq: String(seq),
  message_type: 'group',
  sub_type: 'normal',
  sender: { user_id: 1500000021, nickname: 'Lin', card: '', role: 'member' },
  message: [{ type: 'text', data: { text: `${seq}` } }],
  raw_message: `${seq}`,
  post_type: 'message',
  group_id: 712345678,
});
const rejections = async (reason: string) =>
  ['frame', 'event'].reduce(
    (sum, stage) => sum + metricValue(exposition, `rookery_frames_rejected_total{stage="${stage}",reason="${reason}"}`),
    0,
  );
let exposition = '';
async function rejected(reason: string): Promise<number> {
  exposition = await connector.metrics();
  return rejections(reason);
}

describe('every frame that NapCat, LLBot or go-cqhttp send', () => {
  it('comes out of the queue as a normalized event, none lost, none unknown', async () => {
    const frames = facts.flatMap((fact) => [
      fact.example,
      ...(fact.example_string_format ? [fact.example_string_format] : []),
    ]);
    expect(facts.length).toBeGreaterThanOrEqual(43);
    for (const frame of frames) send(frame);
    // Both formats of one message are the same event with the same id.
    await until('all events arrive', () => events.length >= frames.length);
    expect(events).toHaveLength(frames.length);
    expect(events.filter((event) => event.type === 'unknown')).toEqual([]);
    expect(new Set(events.map((event) => event.type))).toEqual(new Set(['message', 'notice', 'request', 'meta']));
    for (const event of events) expect(event).toMatchObject({ self: SELF, pool: 'default' });
  });

  it('of a kind that nobody knows arrives as unknown with its payload', async () => {
    const frame = { time: now(), self_id: Number(SELF), post_type: 'hologram', shape: { deep: ['x', 1] } };
    send(frame);
    await until('it arrives', () => events.length === 1);
    expect(events[0]).toMatchObject({ type: 'unknown', kind: 'hologram', raw: { shape: { deep: ['x', 1] } } });
  });

  it('keeps the order of a conversation under a burst, in few envelopes', async () => {
    const before = metricValue(await connector.metrics(), 'rookery_envelope_events_count');
    for (let seq = 1; seq <= 500; seq++) send(message(seq));
    await until('all arrive', () => events.length === 500);
    const order = events.map((event) => (event.type === 'message' ? Number(event.seq) : -1));
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    const after = metricValue(await connector.metrics(), 'rookery_envelope_events_count');
    expect(after - before).toBeLessThan(250);
  });
});

describe('rubbish on the socket', () => {
  it.each([
    ['broken JSON', '{"post_type":', 'json'],
    ['an empty frame', '', 'json'],
    ['a bare number', '42', 'shape'],
    ['an array', '[]', 'shape'],
    ['binary noise', Buffer.from([0xff, 0xfe, 0x00]), 'utf8'],
    ['nesting 10,000 deep', `{"post_type":"x","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'depth'],
    ['an event of another account', { ...message(1), self_id: 1 }, 'self_id'],
    ['a reply that nobody asked for', { status: 'ok', retcode: 0, data: null, echo: 'who?' }, 'unknown_echo'],
  ])('%s is counted, and the next good frame of the same connection arrives', async (_name, frame, reason) => {
    const before = await rejected(reason);
    const connections = sockets.length;
    send(frame);
    send(message(77));
    await until('the good frame arrives', () => events.length === 1);
    expect(events[0]).toMatchObject({ type: 'message', seq: '77' });
    await until('the bad one is counted', async () => (await rejected(reason)) === before + 1);
    expect(sockets).toHaveLength(connections);
  });

  it('is logged once per kind and minute, however much of it comes', async () => {
    const before = await rejected('json');
    for (let n = 0; n < 50; n++) send('rubbish');
    send(message(1));
    await until('the good frame arrives', () => events.length === 1);
    expect(await rejected('json')).toBe(before + 50);
    const lines = connector.lines.filter((line) => String(line['msg']).includes('not accepted (json)'));
    expect(lines).toHaveLength(1);
  });

  it('over the frame limit ends the connection only, and the account comes back', async () => {
    const connections = sockets.length;
    send('x'.repeat(17 * 1024 * 1024));
    await until('NapCat is dialled again', () => sockets.length === connections + 1);
    send(message(5));
    await until('events flow again', () => events.some((event) => event.type === 'message'));
    expect(connector.lines.filter((line) => line['level'] === 'fatal')).toEqual([]);
  });
});

describe('a Redis that is away', () => {
  it('costs no event that was read: what came meanwhile arrives in order when it is back', async () => {
    process.kill(server.pid, 'SIGSTOP');
    for (let seq = 1; seq <= 20; seq++) send(message(seq));
    await until('the connector has read them', async () =>
      (await connector.metrics()).includes('rookery_intake_buffered_events 20'),
    );
    process.kill(server.pid, 'SIGCONT');
    await until('all arrive', () => events.length === 20);
    expect(events.map((event) => (event.type === 'message' ? event.seq : ''))).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index + 1)),
    );
  });
});
