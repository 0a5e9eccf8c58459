import { RookeryError } from '@rookery/protocol';
import type { Redis } from './client';

/**
 * Which run of a server a connection leads to: one that was started again, or that took another's place, may have lost data. Calls to a
 * Redis Cluster may lead to any of its servers: there the scripts find out themselves, and here only that one went away is known.
 */
export class ServerRun {
  /** Of the present connection. */
  #now: string | undefined;
  #first: string | undefined;
  /** While Redis is being asked: all accounts begin at the same time, and one question is enough. */
  #asked: Promise<string> | undefined;

  /** Of a Redis Cluster, a server. */
  #lost = false;

  constructor(private readonly redis: Redis) {
    if (redis.isCluster) redis.on('-node', () => (this.#lost = true));
    redis.on('close', () => (this.#now = undefined));
  }

  /** Asked on the connection of the call that needs it, directly before: a connection leads to one run of one server. Empty for a Redis Cluster. */
  async id(): Promise<string> {
    if (this.redis.isCluster) return '';
    if (this.#now !== undefined) return this.#now;
    this.#asked ??= this.#ask().finally(() => (this.#asked = undefined));
    return this.#asked;
  }

  /** Whether it is the one that this process was connected to at first. */
  get isFirst(): boolean {
    return !this.#lost && this.#now === this.#first;
  }

  async #ask(): Promise<string> {
    const run = /^run_id:(\w+)/m.exec(await this.redis.info('server'))?.[1];
    if (run === undefined) throw new RookeryError('INTERNAL', 'Redis does not tell its run id');
    this.#now = run;
    this.#first ??= run;
    return run;
  }
}
