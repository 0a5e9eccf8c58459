import { SlotMap, type Action, type ActionId, type ActionResult, type Clock } from '@rookery/protocol';
import { AccountSearch, type Likeness } from './account-search';
import type { AskedAction } from './doubtful-results';

/** Claimed here and under way. */
export interface Begun {
  readonly action: Action;
  readonly likeness: Likeness | undefined;
  readonly at: number;
}

/** Its outcome is in doubt. */
export interface Sought {
  asked: AskedAction;
  readonly likeness: Likeness;
  readonly unknown: ActionResult;
  isTold: boolean;
  readonly cancels: (() => void)[];
}

/** All actions of one account that may still need to be looked for. */
export interface DoubtfulAccount {
  readonly search: AccountSearch;
  readonly begun: SlotMap<ActionId, Begun>;
  readonly sought: Map<ActionId, Sought>;
  /** Repeated questions: their outcome had been recorded before. */
  readonly replayed: Set<ActionId>;
  /** Settles when what predecessors left open is among what is sought. */
  recovery: Promise<void> | undefined;
}

export function emptyAccount(clock: Clock): DoubtfulAccount {
  return {
    search: new AccountSearch(clock),
    begun: new SlotMap(),
    sought: new Map(),
    replayed: new Set(),
    recovery: undefined,
  };
}

/** Chats in which something is looked for. */
export function targetsOf({ sought }: DoubtfulAccount): ReadonlySet<string> {
  return new Set([...sought.values()].map(({ likeness }) => likeness.target));
}
