import { parseAction, type Action, type ActionResult, type Clock, type SelfId } from '@rookery/protocol';
import type { ExpiredSend, ExpiredSends } from '@rookery/redis';
import type { Ending } from './ports';

export interface ExpiryOptions {
  readonly self: SelfId;
  readonly expired: Pick<ExpiredSends, 'find' | 'end'>;
  readonly clock: Clock;
  readonly onEnded: (action: Action, result: ActionResult) => void;
}

/** In one call: some 30 µs of Redis each. */
const AT_ONCE = 64;

/**
 * Ends what waited past its expiry, many at a time: under overload most of what comes ends so, and what may be sent must not
 * wait until each of it was ended by calls of its own.
 */
export class Expiry {
  constructor(private readonly options: ExpiryOptions) {}

  /**
   * Resolves with whether anything was ended. What is left is not of our making, or was begun or ended by somebody: each of
   * that needs a look of its own. Rejects when Redis is away.
   */
  async sweep(inHand: readonly string[]): Promise<boolean> {
    const { self, expired, clock, onEnded } = this.options;
    const ends = (await expired.find(self, AT_ONCE, inHand)).flatMap((found) => {
      const action = actionIn(found);
      if (action === undefined) return [];
      const { job, tries } = found;
      const result: ActionResult = {
        id: action.id,
        self,
        ...expiredEnd(action, tries),
        ...(tries > 0 && { tries }),
        endedAt: clock.now(),
      };
      return [{ job, action, result }];
    });
    if (ends.length === 0) return false;
    const jobs = await expired.end(self, ends);
    for (const { job, action, result } of ends) if (jobs.has(job)) onEnded(action, result);
    return jobs.size > 0;
  }
}

/** How an action ends whose time is over before it was begun. */
export function expiredEnd({ name }: Action, tries: number): Ending {
  const message = `${name} waited past its expiry; nothing was sent${tries > 0 ? `, in ${tries} tries` : ''}`;
  return { outcome: 'not_sent', error: { code: 'ACTION_EXPIRED', message } };
}

function actionIn({ data }: ExpiredSend): Action | undefined {
  try {
    return parseAction(JSON.parse(data));
  } catch {
    return undefined;
  }
}
