// A process that takes part in the schedules of a cluster and kills itself at ticks, before the sender is chosen, between that and the
// handing on, or right after it, until all of them together have done so often enough.
// argv: address of Redis, kills, cron expressions with | between them
const { connectRedis } = require('../../../dist/libs/redis/src/index.js');
const { Schedules } = require('../../../dist/libs/queues/src/index.js');

const [url, kills, crons] = process.argv.slice(2);
/** So many are always left. */
const LEFT = 2;
const POINTS = ['before', 'between', 'after'];

async function main() {
  const notes = await connectRedis(url, 'producer', 'tick-taker', () => undefined);
  const redis = await connectRedis(url, 'consumer', 'tick-taker', () => undefined);
  /** Each tick kills one process at most, at a point that follows from it. */
  async function fate(id, at, point) {
    const n = Math.floor(at / 1000) + Number(id.replace(/\D/g, ''));
    if (POINTS[n % POINTS.length] !== point) return;
    if ((await notes.set(`test:killed:${id}:${at}`, point, 'NX')) === null) return;
    // Ticks are missed where nobody is there to take them; that is another test.
    if ((await notes.decr('test:alive')) < LEFT) return void (await notes.incr('test:alive'));
    if ((await notes.incr('test:kills')) > Number(kills)) return void (await notes.incr('test:alive'));
    await notes.rpush('test:deaths', JSON.stringify({ id, at, point }));
    process.kill(process.pid, 'SIGKILL');
    // Nothing of this process is to go on in the moment until the signal arrives.
    await new Promise(() => undefined);
  }
  const schedules = new Schedules({
    redis,
    async prepare({ id, at }) {
      await fate(id, at, 'before');
      return `${process.pid}:${Math.random()}`;
    },
    async handOn({ id, at, prepared }) {
      await fate(id, at, 'between');
      await notes.rpush('test:ticks', JSON.stringify({ id, at, prepared }));
      await fate(id, at, 'after');
    },
  });
  schedules.on('unfit', (id, error) => {
    throw new Error(`${id}: ${error.message}`);
  });
  const declared = crons.split('|').map((cron, n) => ({ id: `test.tick${n}`, cron, tz: 'UTC', sender: 'pool:test' }));
  await schedules.declare(['test'], declared);
  schedules.start();
  await notes.incr('test:alive');
}

void main();
