import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const NANO = 1e-9;
const MICRO = 1e-6;
const RESOLUTION_MS = 10;

/** What Node tells of its own process; what is said of a span is said of the time since it was read before. */
export interface RuntimeReading {
  readonly lagSeconds: Readonly<Record<'p50' | 'p99' | 'max', number>>;
  /** 0 to 1. */
  readonly utilization: number;
  readonly cpuSeconds: Readonly<Record<'user' | 'system', number>>;
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
}

export class Runtime {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = { user: 0, system: 0 };
  #loop = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  read(): RuntimeReading {
    const delay = this.#delay;
    // The histogram counts the whole interval between two of its own ticks; without any it says NaN.
    const lag = (nanoseconds: number) => Math.max(0, (nanoseconds || 0) * NANO - RESOLUTION_MS / 1000);
    const lagSeconds = { p50: lag(delay.percentile(50)), p99: lag(delay.percentile(99)), max: lag(delay.max) };
    delay.reset();
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#loop = loop;
    const cpu = process.cpuUsage();
    const cpuSeconds = { user: (cpu.user - this.#cpu.user) * MICRO, system: (cpu.system - this.#cpu.system) * MICRO };
    this.#cpu = cpu;
    const { rss, heapUsed } = process.memoryUsage();
    const startedAt = performance.timeOrigin / 1000;
    return { lagSeconds, utilization, cpuSeconds, residentBytes: rss, heapBytes: heapUsed, startedAt };
  }
}
