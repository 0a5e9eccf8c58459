import { asEventFrame, normalizeEvent, type CallEnd, type EventFrame } from '@rookery/onebot';
import { DEFAULT_POOL, type Clock, type GroupId, type MessageEvent, type SelfId } from '@rookery/protocol';

/** One OneBot call of the account, at the pace that history is read with. */
export type Ask = (
  action: string,
  params: Readonly<Record<string, unknown>>,
) => Promise<CallEnd | { readonly kind: 'down' }>;

export interface GroupFillRequest {
  readonly self: SelfId;
  readonly groupId: GroupId;
  /** The last sequence that was seen before the gap. */
  readonly lastSeq: number;
  /** Nothing that was said before is read, milliseconds since 1970. */
  readonly since: number;
  /** Most messages that may be taken. */
  readonly max: number;
}

export interface GroupFillResult {
  /** In the order in which they were said. */
  readonly messages: readonly { readonly seq: number; readonly frame: EventFrame }[];
  /** `complete`: back to the last message seen. `bounded`: something older was left out. `failed`: NapCat did not answer well. */
  readonly end: 'complete' | 'bounded' | 'failed';
  /** The newest sequence that history knows; absent when nothing could be read. */
  readonly newestSeq?: number;
}

const PAGE = 20;

/**
 * Reads a group's history backwards, page by page, from the newest message to the last one that was seen. NapCat: `message_seq`
 * of this action is a message id, and the page ends with the message that has it.
 */
export async function fillGroup(ask: Ask, clock: Clock, request: GroupFillRequest): Promise<GroupFillResult> {
  const { self, groupId, lastSeq, since, max } = request;
  const found = new Map<number, EventFrame>();
  let anchor: string | undefined;
  let newestSeq: number | undefined;
  let isTooOld = false;
  const result = (end: GroupFillResult['end']): GroupFillResult => {
    const messages = [...found].map(([seq, frame]) => ({ seq, frame })).sort((one, other) => one.seq - other.seq);
    return { messages: messages.slice(-max), end, ...(newestSeq !== undefined && { newestSeq }) };
  };
  for (;;) {
    const params = { group_id: groupId, count: PAGE, ...(anchor !== undefined && { message_seq: anchor }) };
    const page = messagesOf(await ask('get_group_msg_history', params), self, clock);
    if (page === undefined) return result('failed');
    const oldest = page[0];
    if (oldest === undefined) return result(found.size === 0 ? 'complete' : 'bounded');
    newestSeq ??= page.at(-1)?.seq;
    const before = found.size;
    for (const { seq, event, frame } of page) {
      if (seq <= lastSeq) continue;
      if (event.time >= since) found.set(seq, frame);
      else isTooOld = true;
    }
    if (oldest.seq <= lastSeq + 1) return result(isTooOld || found.size > max ? 'bounded' : 'complete');
    // A page that brings nothing new would come again for ever.
    if (found.size === before || found.size >= max || isTooOld) return result('bounded');
    if (oldest.event.messageId === undefined || oldest.event.messageId === anchor) return result('bounded');
    anchor = oldest.event.messageId;
  }
}

interface HistoryMessage {
  readonly seq: number;
  readonly event: MessageEvent;
  readonly frame: EventFrame;
}

/** The readable messages of a page by sequence; undefined when the answer is not a good one. */
export function messagesOf(
  end: CallEnd | { readonly kind: 'down' },
  self: SelfId,
  clock: Clock,
): HistoryMessage[] | undefined {
  if (end.kind !== 'replied' || end.reply.status !== 'ok') return undefined;
  const { data } = end.reply;
  const list = typeof data === 'object' && data !== null && 'messages' in data ? data.messages : undefined;
  if (!Array.isArray(list)) return undefined;
  const messages: HistoryMessage[] = [];
  for (const item of list as unknown[]) {
    const frame = asEventFrame(typeof item === 'object' && item !== null ? { self_id: self, ...item } : undefined);
    if (frame === undefined) continue;
    // Only looked at here; intake makes the event that counts.
    const reader = { self, pool: DEFAULT_POOL, receivedAt: clock.now(), ordinal: () => 0 };
    const normalized = normalizeEvent(frame, reader);
    if (!normalized.ok || normalized.event.type !== 'message') continue;
    const seq = Number(normalized.event.seq ?? Number.NaN);
    if (Number.isSafeInteger(seq)) messages.push({ seq, event: normalized.event, frame });
  }
  return messages.sort((one, other) => one.seq - other.seq);
}
