import type { RookeryConfig } from '@rookery/config';
import { assertNever, type SelfId } from '@rookery/protocol';

/**
 * How a pool chooses who answers in a group.
 * `sticky`: the first who saw something there, as long as it can. `round-robin`: the next one for each message.
 * `least-loaded`: the one that answers in the fewest groups, then as long as it can. `admin-capable`: an owner or admin where there is one.
 */
export type AssigneePolicy = RookeryConfig['pools'][string]['policy'];

export interface GroupView {
  readonly current: SelfId | undefined;
  /** The account whose copy came. */
  readonly here: SelfId;
  /** Accounts that are in the group and can act, `here` first when it is one of them. */
  readonly fit: readonly SelfId[];
  readonly isAdmin: (account: SelfId) => boolean;
}

/** Whether a current one that could go on makes room all the same. */
export function givesUp(policy: AssigneePolicy, { current, fit, isAdmin }: GroupView): boolean {
  switch (policy) {
    case 'sticky':
    case 'least-loaded':
      return false;
    case 'round-robin':
      return true;
    case 'admin-capable':
      return current !== undefined && !isAdmin(current) && fit.some(isAdmin);
    default:
      return assertNever(policy);
  }
}

/** Undefined when there is nobody to choose from. */
export function choose(
  policy: AssigneePolicy,
  view: GroupView & { readonly load: (account: SelfId) => number },
): SelfId | undefined {
  const { fit, current, isAdmin, load } = view;
  switch (policy) {
    case 'sticky':
      return fit[0];
    case 'round-robin': {
      const turns = [...fit].sort();
      return turns.find((account) => current !== undefined && account > current) ?? turns[0];
    }
    case 'least-loaded':
      return [...fit].sort((a, b) => load(a) - load(b))[0];
    case 'admin-capable':
      return fit.find(isAdmin) ?? fit[0];
    default:
      return assertNever(policy);
  }
}
