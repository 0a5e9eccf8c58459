/** The plain design, second half: a BullMQ Worker with concurrency, whose processor looks for a command and runs its handler. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { handled } from './samples.mjs';

const CONCURRENCY = 64;
const { redisPath } = JSON.parse(process.env.BENCH_SUBJECT);
const commands = new Map([['bench', async (rest) => handled(Number(rest))]]);
let done = 0;

async function handle({ text }) {
  if (!text.startsWith('/')) return;
  const [name, rest] = text.slice(1).split(' ', 2);
  await commands.get(name)?.(rest);
}

const worker = new Worker(
  'events',
  async (job) => {
    if (job.data.type === 'message') await handle(job.data);
    done += 1;
  },
  { connection: new Redis({ path: redisPath, maxRetriesPerRequest: null }), concurrency: CONCURRENCY },
);
await worker.waitUntilReady();
process.send({ type: 'ready' });
process.on('message', () => process.send({ type: 'done', done }));
process.on('disconnect', () => process.exit(0));
