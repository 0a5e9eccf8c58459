import type { AccountState, AccountTally, FleetStatus, PoolName, SelfId } from '@rookery/protocol';
import { presentState, type ClusterPicture, type WatchedAccount } from './survey';

/** The picture in the few figures that people in a chat ask for. */
export function fleetStatus(
  { accounts, nodes, queues, retries, deadLetters }: ClusterPicture,
  { self, pool }: { readonly self: SelfId; readonly pool: PoolName },
  process: Pick<FleetStatus, 'version' | 'startedAt'>,
): FleetStatus {
  const account = accounts.find((one) => one.self === self);
  return {
    ...process,
    nodes,
    accounts: tally(accounts),
    pool: tally(accounts.filter((one) => one.pool === pool)),
    ...(account && { account: standing(account) }),
    backlog: {
      events: queues.events.waiting + queues.events.delayed,
      eventsOldest: queues.inboundOldestSeconds,
      actions: Object.values(queues.outboundWaiting).reduce((sum, waiting) => sum + waiting, 0),
      retries,
      deadLetters,
    },
  };
}

function tally(accounts: readonly WatchedAccount[]): AccountTally {
  const counted: Partial<Record<AccountState, number>> = {};
  for (const account of accounts) {
    const state = presentState(account);
    counted[state] = (counted[state] ?? 0) + 1;
  }
  return counted;
}

function standing(account: WatchedAccount): NonNullable<FleetStatus['account']> {
  const { self, reason, since } = account;
  return { self, state: presentState(account), reason, ...(since !== undefined && { since }) };
}
