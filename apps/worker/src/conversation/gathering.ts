import type { Event, SelfId } from '@rookery/protocol';
import type { Dispatcher, Settled } from '../dispatch';
import type { Taken } from './event-memory';

export type Matches = ReturnType<Dispatcher['match']>;

/** An event as one account saw it, waiting to be settled. */
export interface Copy {
  readonly event: Event;
  readonly matches: Matches;
  readonly settle: (settled: Settled) => void;
}

/** What the memory said of the chosen copy, and when it was asked (monotonic, milliseconds). */
export interface Foreseen {
  readonly at: number;
  readonly taken: Taken;
}

export const COPY: Settled = { result: 'skipped', reason: 'copy' };
export const REPLAY: Settled = { result: 'skipped', reason: 'replay' };
const WITHDRAWN: Settled = { result: 'withdrawn' };

/**
 * The copies of one event, from the first one's arrival until one of them is settled. Its place in the mailbox is that of the
 * first copy, so waiting for a better one changes no order.
 */
export class Gathering {
  readonly first: Copy;
  /** Resolves with the copy to dispatch, or with any when there is none to dispatch any more. */
  readonly decided: Promise<Copy>;
  /** The account whose copy is wanted, once that is known. */
  wanted: SelfId | undefined;
  /** Undefined when the memory has not been asked. */
  foreseen: Promise<Foreseen | undefined> | undefined;
  /** All that have come, also those that were let go. */
  readonly received: Copy[];
  #copies: Copy[];
  #begun = false;
  #isWithdrawn = false;
  #chosen: Copy | undefined;
  #resolve: (copy: Copy) => void = () => undefined;
  #cancel: () => void = () => undefined;

  constructor(
    readonly key: string,
    readonly partition: number,
    first: Copy,
  ) {
    this.first = first;
    this.received = [first];
    this.#copies = [first];
    this.decided = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** The copy to dispatch, once that is decided. */
  get chosen(): Copy | undefined {
    return this.#chosen;
  }

  get copies(): readonly Copy[] {
    return this.#copies;
  }

  /** It must not begin. */
  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  /** A further copy, or one that is here already and comes again. */
  add(copy: Copy): void {
    this.received.push(copy);
    if (this.#begun && copy.event.id !== this.#chosen?.event.id) copy.settle(COPY);
    else this.#copies.push(copy);
    if (copy.event.self === this.wanted) this.choose(copy);
  }

  /** `cancel` ends the waiting for a better copy. */
  waitWith(cancel: () => void): void {
    this.#cancel = cancel;
  }

  /** Without effect once a copy is chosen. */
  choose(copy: Copy): void {
    if (this.#chosen) return;
    this.#cancel();
    this.#chosen = copy;
    this.#resolve(copy);
  }

  /** This copy and no other is handled now. Until then none is let go: it might be the one that was taken before a crash. */
  begin(copy: Copy): void {
    this.#chosen = copy;
    this.#begun = true;
    const others = this.#copies.filter(({ event }) => event.id !== copy.event.id);
    this.#copies = this.#copies.filter(({ event }) => event.id === copy.event.id);
    for (const { settle } of others) settle(COPY);
  }

  /** False when it has begun already; else it never does, and waits for nothing any more. */
  withdraw(): boolean {
    if (this.#begun) return false;
    this.#isWithdrawn = true;
    this.#cancel();
    this.#resolve(this.first);
    for (const { settle } of this.#copies) settle(WITHDRAWN);
    return true;
  }

  /** The chosen copy ends with `settled`, the same copy received again as a replay, the others as copies. */
  end(settled: Settled): void {
    for (const copy of this.#copies) {
      if (copy === this.#chosen) copy.settle(settled);
      else copy.settle(copy.event.id === this.#chosen?.event.id ? REPLAY : COPY);
    }
  }
}

/** Messages of a group come in the order of their numbers from each connector; of two connectors one may be late. */
export function placeOf(event: Event): number | undefined {
  if (event.type !== 'message' || event.scene.kind !== 'group' || event.seq === undefined) return undefined;
  const place = Number(event.seq);
  return Number.isSafeInteger(place) ? place : undefined;
}

/** A message that calls no command. */
export function isChatter({ event, matches }: Copy): boolean {
  return event.type === 'message' && matches.every(({ route }) => route.command !== true);
}
