import type { Clock, Event, PoolName } from '@rookery/protocol';
import type { Assignment } from './assignment';
import type { Gathering } from './gathering';

export interface CopyChoiceOptions {
  readonly clock: Clock;
  readonly assignment: Assignment;
  /** How long the assignee's copy is waited for when another one is here, milliseconds. */
  readonly graceMs: (pool: PoolName) => number;
}

/** Decides which account's copy of a message is handled. */
export class CopyChoice {
  /** `onWaited`: a copy was waited for; `came`: it was the wanted one's. */
  constructor(
    private readonly options: CopyChoiceOptions,
    private readonly onWaited: (event: Event, came: boolean) => void,
  ) {}

  /** Finds out whose copy is wanted; the first message of a group since it came to this worker has to ask Redis. */
  begin(gathering: Gathering): void {
    const { assignment, clock } = this.options;
    const since = clock.monotonic();
    const loading = assignment.ready(gathering.first.event.conversation);
    if (!loading) this.#choose(gathering, since);
    else void loading.then(() => this.#choose(gathering, since));
  }

  /** Takes the wanted copy when it is here, else gives it the grace time, counted from the first copy. */
  #choose(gathering: Gathering, since: number): void {
    const { assignment, clock, graceMs } = this.options;
    if (gathering.isWithdrawn) return;
    const { event } = gathering.first;
    const wanted = assignment.prefer(event);
    gathering.wanted = wanted;
    const here = gathering.copies.find((copy) => copy.event.self === wanted);
    if (here) {
      gathering.choose(here);
      assignment.taken(here.event, wanted);
      return;
    }
    const giveUp = (): void => {
      const { copies, first } = gathering;
      gathering.choose(copies.find((copy) => assignment.isFit(copy.event)) ?? first);
    };
    gathering.waitWith(clock.after(since + graceMs(event.pool) - clock.monotonic(), giveUp));
    void gathering.decided.then((copy) => {
      if (gathering.isWithdrawn) return;
      assignment.taken(copy.event, wanted);
      this.onWaited(copy.event, copy.event.self === wanted);
    });
  }
}
