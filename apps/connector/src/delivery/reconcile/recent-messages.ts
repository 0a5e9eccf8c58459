import { SECOND, type Clock, type MessageEvent, type SelfId } from '@rookery/protocol';
import { messagesOf, type Ask } from '../../backfill/group-fill';

/** As many messages as NapCat is asked for: what a busy group says within the first minutes of a search. */
const COUNT = 50;
export const HISTORY_CALL_MS = 20 * SECOND;

/** What was said lately in a chat of the account; empty when its NapCat does not answer well. */
export async function recentMessages(
  ask: Ask,
  clock: Clock,
  self: SelfId,
  target: string,
): Promise<readonly MessageEvent[]> {
  const [place, id = ''] = target.split(':');
  const end =
    place === 'group'
      ? await ask('get_group_msg_history', { group_id: id, count: COUNT })
      : await ask('get_friend_msg_history', { user_id: id, count: COUNT });
  return (messagesOf(end, self, clock) ?? []).map(({ event }) => event);
}
