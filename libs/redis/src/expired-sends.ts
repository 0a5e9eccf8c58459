import { z } from 'zod';
import type { ActionResult, SelfId } from '@rookery/protocol';
import { CLAIM_TTL_MS } from './claim';
import type { Redis } from './client';
import { outgoingScript } from './outgoing-script';
import { END_EXPIRED, EXPIRED_SENDS } from './scripts/outgoing/expired-sends';

export interface ExpiredSend {
  readonly job: string;
  readonly data: string;
  /** How often it was tried in vain. */
  readonly tries: number;
}

const listed = z.array(z.string());

/** What waits for accounts past its expiry and was begun by nobody, many at a time. Rejects when Redis is away. */
export class ExpiredSends {
  readonly #script: ReturnType<typeof outgoingScript>;

  /** `time`: for tests that move it; otherwise Redis' own clock counts. */
  constructor(redis: Redis, time?: () => number) {
    this.#script = outgoingScript(redis, time);
  }

  /** At most so many; `inHand`: jobs that are not to be among them. */
  async find(self: SelfId, most: number, inHand: readonly string[]): Promise<readonly ExpiredSend[]> {
    const flat = listed.parse(await this.#script(EXPIRED_SENDS, self, [most, inHand.join(',')]));
    return flat.flatMap((job, at) =>
      at % 3 === 0 ? [{ job, data: flat[at + 1] ?? '', tries: Number(flat[at + 2]) }] : [],
    );
  }

  /** Keeps these results, and the jobs go. Returns the jobs that have ended so; somebody has begun or ended the others meanwhile. */
  async end(
    self: SelfId,
    ends: readonly { readonly job: string; readonly result: ActionResult }[],
  ): Promise<ReadonlySet<string>> {
    const args = ends.flatMap(({ job, result }) => [job, result.id, JSON.stringify(result)]);
    return new Set(listed.parse(await this.#script(END_EXPIRED, self, [CLAIM_TTL_MS, ...args])));
  }
}
