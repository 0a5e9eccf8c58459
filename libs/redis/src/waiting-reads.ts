import { parseAction, type Action, type SelfId } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import { END_READ, EXPIRED_READS } from './scripts/outgoing/expired-reads';

/** Of each place at a time: the expired ones go, so that the next look sees others. */
const LOOKED_AT = 500;
const listed = z.array(z.string());

/** What waits in the queues of reads past its time, of accounts that nobody reads for now. Rejects when Redis is away. */
export class WaitingReads {
  constructor(private readonly redis: Redis) {}

  /** What is not of our making is not among them. */
  async expired(self: SelfId): Promise<readonly { readonly job: string; readonly action: Action }[]> {
    const flat = listed.parse(await this.#script(EXPIRED_READS, self, LOOKED_AT));
    return flat.flatMap((job, at) => {
      const action = at % 2 === 0 ? actionIn(flat[at + 1] ?? '') : undefined;
      return action === undefined ? [] : [{ job, action }];
    });
  }

  /** The job has ended and goes. */
  async end(self: SelfId, job: string): Promise<void> {
    await this.#script(END_READ, self, job);
  }

  #script(script: string, self: SelfId, argument: string | number): Promise<unknown> {
    const places = ['wait', 'active', 'prioritized', 'delayed'].map((part) => keys.reading(self, part));
    return runScript(this.redis, script, places, [keys.reading(self, ''), argument]);
  }
}

function actionIn(data: string): Action | undefined {
  try {
    return parseAction(JSON.parse(data));
  } catch {
    return undefined;
  }
}
