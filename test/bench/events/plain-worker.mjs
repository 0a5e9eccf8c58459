/** The plain design, second half: a BullMQ Worker with concurrency, whose processor looks for a command and runs its handler. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { handled } from './samples.mjs';

const CONCURRENCY = 64;
const { redisPath } = JSON.parse(process.env.BENCH_SUBJECT);
const actions = new Queue('actions', { connection: new Redis({ path: redisPath, maxRetriesPerRequest: null }) });
const commands = new Map([
  ['bench', async (rest) => handled(Number(rest))],
  ['answer', async (rest, event) => void (await actions.add('send', wish(event, rest), { removeOnComplete: true }))],
]);
let done = 0;

const wish = ({ self, scene }, text) => ({
  self,
  action: 'send_group_msg',
  params: { group_id: scene.groupId, message: [{ type: 'text', data: { text: `answer ${text}` } }] },
});

async function handle(event) {
  if (!event.text.startsWith('/')) return;
  const [name, rest] = event.text.slice(1).split(' ', 2);
  await commands.get(name)?.(rest, event);
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
