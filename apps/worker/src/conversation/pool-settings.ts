import { POOL_DEFAULTS, type RookeryConfig } from '@rookery/config';
import {
  groupConversation,
  groupId,
  poolName,
  type ConversationKey,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';

type Pools = RookeryConfig['pools'];
type PoolSettings = Pick<Pools[string], 'policy' | 'graceMs'>;

/** The settings by pool and by group; a pool that the file does not name has the defaults. */
export function poolSettings(pools: Pools) {
  const assigned = new Map<ConversationKey, SelfId>();
  for (const [name, { assign }] of Object.entries(pools)) {
    for (const [group, account] of Object.entries(assign)) {
      assigned.set(groupConversation(poolName(name), groupId(group)), account);
    }
  }
  return {
    of: (name: PoolName): PoolSettings => pools[name] ?? POOL_DEFAULTS,
    assigned: (group: ConversationKey): SelfId | undefined => assigned.get(group),
  };
}
