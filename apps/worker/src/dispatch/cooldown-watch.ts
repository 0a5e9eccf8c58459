import { toError, type Event } from '@rookery/protocol';
import type { Answer, Route } from './route';

/** Where it is kept who called what, for all workers. */
export interface CooldownStore {
  /**
   * Begins the cooldown of a key for `ms`, unless it runs already. The event that began it may ask again: a worker that takes over
   * repeats it. `tell`: this is the first refusal since it began.
   */
  begin(key: string, event: string, ms: number): Promise<{ readonly remainingMs: number; readonly tell: boolean }>;
}

/** What to say to who has to wait; without a text they were told before. */
export interface Waiting {
  readonly answer?: Answer;
}

/** Asks only for handlers that want the event and have a cooldown; where nobody answers, nobody has to wait. */
export class CooldownWatch {
  constructor(
    private readonly store: CooldownStore | undefined,
    private readonly onUnknown: (error: Error) => void,
  ) {}

  /** Undefined when the handler may be called. */
  async check({ plugin, handler, cooldown }: Route, event: Event): Promise<Waiting | undefined> {
    if (!cooldown || !this.store || event.type !== 'message') return undefined;
    const whose = { user: event.sender.userId, group: event.conversation, global: '' }[cooldown.per];
    try {
      const key = `${plugin}.${handler}|${whose}`;
      const { remainingMs, tell } = await this.store.begin(key, event.id, cooldown.ms);
      if (remainingMs <= 0) return undefined;
      return tell ? { answer: waitText(remainingMs) } : {};
    } catch (thrown) {
      this.onUnknown(toError(thrown));
      return undefined;
    }
  }
}

function waitText(ms: number): Answer {
  const seconds = Math.ceil(ms / 1_000);
  return {
    kind: 'usage',
    text: { zh: `太快了，请 ${seconds} 秒后再试。`, en: `Too fast: try again in ${seconds} s.` },
  };
}
