/**
 * The plain design, first half: reads the sockets and adds one BullMQ job per event, over one shared connection. Reading pauses
 * while too many adds wait for Redis, as it must in any design that does not want to run out of memory.
 */
import { createRequire } from 'node:module';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
const { decodeFrame, normalizeEvent, Ordinals } = require('../../../dist/libs/onebot/src/index.js');

const MOST_WAITING = 1000;
const { urls, redisPath } = JSON.parse(process.env.BENCH_SUBJECT);

const queue = new Queue('events', { connection: new Redis({ path: redisPath, maxRetriesPerRequest: null }) });
const sockets = [];
const ordinals = new Ordinals(256);
let waiting = 0;

function read(self, data) {
  const decoded = decodeFrame(data);
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

await queue.waitUntilReady();
for (const url of urls) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data) => read(new URL(url).pathname.slice(1), data));
  await new Promise((resolve) => socket.once('open', resolve));
  sockets.push(socket);
}
process.send({ type: 'ready' });
process.on('disconnect', () => process.exit(0));
