/** What a soak reads every few seconds, and what each kind of reading may rise by before it counts as growth. */
import { readdirSync, readFileSync } from 'node:fs';
import { ask } from '../events/processes.mjs';
import { census, keptOf } from './families.mjs';
import { judge } from './judge.mjs';

const MIB = 1024 * 1024;
const ALLOWED = {
  'heap MiB': { units: 3, share: 0.08 },
  'outside of the heap MiB': { units: 3, share: 0.1 },
  'RSS MiB': { units: 24, share: 0.1 },
  files: { units: 5, share: 0.05 },
  threads: { units: 2, share: 0 },
  handles: { units: 10, share: 0.1 },
  connections: { units: 3, share: 0.05 },
  'memory MiB': { units: 4, share: 0.1 },
  keys: { units: 20, share: 0.05 },
  entries: { units: 60, share: 0.05 },
  KiB: { units: 256, share: 0.1 },
};

export class History {
  /** Name → `{ kind, readings, after, atMost }`. */
  #series = new Map();
  #begun = performance.now();

  /** Seconds since the first reading was possible. */
  get seconds() {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Looks so far. */
  count = 0;

  /** `processes`: name → child that was started with the probe. */
  async read(processes, redis) {
    const at = this.seconds;
    for (const [name, child] of Object.entries(processes)) await this.#readProcess(at, name, child);
    await this.#readRedis(at, redis);
    // What is not there any more.
    for (const { readings } of this.#series.values()) if (readings.at(-1)[0] !== at) readings.push([at, 0]);
    this.count += 1;
  }

  /** `[name, verdict, first and last value]` of every series; those of before `warmUp` seconds do not count. */
  judged(warmUp) {
    return [...this.#series].map(([name, { kind, readings, after, atMost }]) => {
      const from = Math.max(warmUp, after);
      const { verdict, rise, perHour } = judge(readings, { allowed: ALLOWED[kind], after: from, atMost });
      const counted = readings.filter(([seconds]) => seconds >= warmUp).map(([, value]) => value);
      return { name, verdict, rise, perHour, after, first: counted[0] ?? 0, last: counted.at(-1) ?? 0 };
    });
  }

  async #readProcess(at, name, child) {
    const { heapUsed, external, handles } = await ask(child, { type: 'probe' });
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const field = (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)[1]);
    this.#note(at, `${name}: `, 'heap MiB', heapUsed / MIB);
    this.#note(at, `${name}: `, 'outside of the heap MiB', external / MIB);
    this.#note(at, `${name}: `, 'RSS MiB', field('VmRSS') / 1024);
    this.#note(at, `${name}: `, 'threads', field('Threads'));
    this.#note(at, `${name}: `, 'files', readdirSync(`/proc/${child.pid}/fd`).length);
    for (const [kind, count] of Object.entries(handles)) this.#note(at, `${name}: ${kind} `, 'handles', count);
  }

  async #readRedis(at, redis) {
    const info = await redis.info();
    const field = (key) => Number(new RegExp(`^${key}:(\\d+)`, 'm').exec(info)[1]);
    const families = await census(redis);
    let kept = 0;
    for (const [family, { keys, entries, most, bytes, ttl }] of families) {
      const { after, most: bounds } = keptOf(family, ttl);
      if (after > 0 || bounds !== undefined) kept += bytes;
      if (bounds !== undefined) {
        if (bounds.keys !== undefined) this.#note(at, `Redis: ${family} `, 'keys', keys, { atMost: bounds.keys });
        if (bounds.entries !== undefined) {
          this.#note(at, `Redis: ${family} in one key `, 'entries', most, { atMost: bounds.entries });
        }
        continue;
      }
      this.#note(at, `Redis: ${family} `, 'keys', keys, { after });
      this.#note(at, `Redis: ${family} `, 'entries', entries, { after });
      this.#note(at, `Redis: ${family} `, 'KiB', bytes / 1024, { after });
    }
    // What is kept for a time is judged by itself, after that time.
    this.#note(
      at,
      'Redis: without what is kept for a time ',
      'memory MiB',
      (field('used_memory_dataset') - kept) / MIB,
    );
    this.#note(at, 'Redis: ', 'connections', field('connected_clients'));
  }

  #note(at, what, kind, value, { after = 0, atMost } = {}) {
    const name = what + kind;
    const known = this.#series.get(name) ?? { kind, readings: [], after: 0 };
    known.readings.push([at, value]);
    this.#series.set(name, { ...known, after: Math.max(known.after, after), atMost });
  }
}
