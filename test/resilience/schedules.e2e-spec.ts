import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectRedis, type Redis } from '@rookery/redis';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { until } from '../e2e/support/processes';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';

/** Each schedule has five seconds until its next time, so that a machine that is slow does not miss one by itself. */
const PERIOD_S = 5;
const CRONS = Array.from({ length: 2 * PERIOD_S }, (_, n) => `${n % PERIOD_S}/${PERIOD_S} * * * * *`);
const PROCESSES = 4;

/** A time of a schedule. */
interface Due {
  readonly id: string;
  readonly at: number;
}

interface Noted extends Due {
  readonly prepared: string;
}

/** A process that killed itself at it, and at which point. */
interface Death extends Due {
  readonly point: string;
}

let server: TestRedis;
let redis: Redis;
const children = new Set<ChildProcess>();
let stopping = false;

function startTaker(): void {
  const args = [join(__dirname, 'support/tick-taker.cjs'), server.url, String(SIZES.tickKills), CRONS.join('|')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (!stopping) startTaker();
  });
}

const noted = async (): Promise<readonly Noted[]> =>
  (await redis.lrange('test:ticks', 0, -1)).map((line) => JSON.parse(line) as Noted);

/** Ticks of one schedule that lie between two others and never came. */
function missed(ticks: readonly Noted[]): string[] {
  return CRONS.flatMap((_, n) => {
    const times = new Set(ticks.filter(({ id }) => id === `test.tick${n}`).map(({ at }) => at));
    const gone: string[] = [];
    const last = Math.max(...times);
    for (let at = Math.min(...times); at <= last; at += PERIOD_S * 1_000)
      if (!times.has(at)) gone.push(`tick${n} ${at}`);
    return gone;
  });
}

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'audit', () => undefined);
});
afterAll(async () => {
  stopping = true;
  for (const child of children) child.kill('SIGKILL');
  redis.disconnect();
  await server.stop();
});

describe('schedules of the cluster', () => {
  it(`no time is missed and none is another event, when ${SIZES.tickKills} processes are killed at the tick`, async () => {
    for (let n = 0; n < PROCESSES; n++) startTaker();
    const deaths = async () => (await redis.lrange('test:deaths', 0, -1)).map((line) => JSON.parse(line) as Death);
    await until('enough processes are dead', async () => (await deaths()).length >= SIZES.tickKills, 240_000);
    const killed = await deaths();
    const lastDeath = Math.max(...killed.map(({ at }) => at));
    // What a dead process had in hand is taken up when its lock has run out; every schedule goes on meanwhile.
    const recovered = async () => {
      const ticks = await noted();
      const isNoted = ({ id, at }: Due) => ticks.some((tick) => tick.id === id && tick.at === at);
      const goesOn = CRONS.every((_, n) => ticks.some(({ id, at }) => id === `test.tick${n}` && at > lastDeath));
      return goesOn && killed.every(isNoted);
    };
    await until('every tick of the dead is handed on, and the others go on', recovered, 60_000);
    const ticks = await noted();
    const events = new Map<string, Set<string>>();
    for (const { id, at, prepared } of ticks) {
      const key = `${id} ${at}`;
      events.set(key, (events.get(key) ?? new Set()).add(prepared));
    }
    const doubles = [...events].filter(([, prepared]) => prepared.size > 1).map(([key]) => key);
    figure('processes killed at the tick', killed.length, '');
    figure('ticks handed on', events.size, '');
    figure('ticks missed', missed(ticks).length, '', { atMost: 0 });
    figure('ticks that became two events', doubles.length, '', { atMost: 0 });
    expect({ missed: missed(ticks), doubles }).toEqual({ missed: [], doubles: [] });
    // Every point at which a process can die had its turn, and some ticks were handed on again.
    expect(new Set(killed.map(({ point }) => point)).size).toBe(3);
  }, 330_000);
});
