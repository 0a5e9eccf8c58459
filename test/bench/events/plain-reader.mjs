/**
 * The plain design, first half: reads the sockets and adds one BullMQ job per event, over one shared connection. Reading pauses
 * while too many adds wait for Redis, as it must in any design that does not want to run out of memory. Actions come back as one job
 * each, for a Worker with concurrency, and a job is done when the answer to its call has come.
 */
import { createRequire } from 'node:module';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
const { decodeFrame, normalizeEvent, Ordinals } = require('../../../dist/libs/onebot/src/index.js');

const MOST_WAITING = 1000;
const ACTIONS_AT_ONCE = 64;
const { urls, redisPath } = JSON.parse(process.env.BENCH_SUBJECT);

const connection = new Redis({ path: redisPath, maxRetriesPerRequest: null });
const queue = new Queue('events', { connection });
const sockets = [];
const bySelf = new Map();
/** Calls whose answer has not come. */
const calls = new Map();
let called = 0;
const ordinals = new Ordinals(256);
let waiting = 0;

function read(self, data) {
  const decoded = decodeFrame(data);
  if (decoded.kind === 'reply') return void calls.get(decoded.reply.echo)?.();
  if (decoded.kind !== 'event') return;
  const receivedAt = Date.now();
  const ordinal = (content) => ordinals.next(content);
  const normalized = normalizeEvent(decoded.frame, { self, pool: 'default', receivedAt, ordinal });
  if (normalized.ok) void add(normalized.event);
}

async function add(event) {
  waiting += 1;
  if (waiting === MOST_WAITING) for (const socket of sockets) socket.pause();
  await queue.add('event', event, { removeOnComplete: true });
  waiting -= 1;
  if (waiting === MOST_WAITING / 2) for (const socket of sockets) socket.resume();
}

async function act({ self, action, params }) {
  const echo = `e${(called += 1)}`;
  const answered = new Promise((resolve) => calls.set(echo, resolve));
  bySelf.get(self).send(JSON.stringify({ action, params, echo }));
  await answered;
  calls.delete(echo);
}

await queue.waitUntilReady();
for (const url of urls) {
  const self = new URL(url).pathname.slice(1);
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data) => read(self, data));
  await new Promise((resolve) => socket.once('open', resolve));
  sockets.push(socket);
  bySelf.set(self, socket);
}
const actions = new Worker('actions', (job) => act(job.data), { connection, concurrency: ACTIONS_AT_ONCE });
await actions.waitUntilReady();
process.send({ type: 'ready' });
process.on('disconnect', () => process.exit(0));
