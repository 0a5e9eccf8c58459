import { asEventFrame, type CallEnd, type EventFrame } from '@rookery/onebot';
import type { SelfId } from '@rookery/protocol';

/** An application or invitation that still waits for an answer, as the frame that would have announced it. */
export interface MissedRequest {
  /** Equal for the live event and the one read later. */
  readonly key: string;
  readonly frame: EventFrame;
}

export function requestKey(kind: string, user: string, flag: string): string {
  return `${kind} ${user} ${flag}`;
}

/**
 * What get_group_system_msg lists and nobody has answered, not older than `since` (milliseconds since 1970). NapCat: `request_id` is
 * the flag of the event and the time of the notification in microseconds. Lists of other implementations, whose ids say
 * nothing about the time, are not taken: they would come again with each reconnect.
 */
export function missedRequests(
  end: CallEnd | { readonly kind: 'down' },
  self: SelfId,
  since: number,
): readonly MissedRequest[] {
  if (end.kind !== 'replied' || end.reply.status !== 'ok') return [];
  const { data } = end.reply;
  return [...listed(data, 'join_requests', 'add'), ...listed(data, 'invited_requests', 'invite')].flatMap(
    ([subType, item]) => {
      const flag = String(item['request_id']);
      const at = /^\d{16}$/.test(flag) ? Number(flag.slice(0, 13)) : undefined;
      if (item['checked'] !== false || at === undefined || at < since) return [];
      const frame = asEventFrame({
        time: Math.floor(at / 1000),
        self_id: self,
        post_type: 'request',
        request_type: 'group',
        sub_type: subType,
        group_id: item['group_id'],
        user_id: item['invitor_uin'],
        comment: typeof item['message'] === 'string' ? item['message'] : '',
        flag,
      });
      const key = requestKey(`group.${subType}`, String(item['invitor_uin']), flag);
      return frame === undefined ? [] : [{ key, frame }];
    },
  );
}

function listed(data: unknown, key: string, subType: 'add' | 'invite'): ['add' | 'invite', Record<string, unknown>][] {
  const list = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((item) =>
    typeof item === 'object' && item !== null ? [[subType, item as Record<string, unknown>]] : [],
  );
}
