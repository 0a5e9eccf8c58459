import { hash } from 'node:crypto';
import {
  isText,
  SECOND,
  type ConversationKey,
  type Event,
  type MessageEvent,
  type NoticeEvent,
} from '@rookery/protocol';
import { Occurrences } from './occurrences';

export interface Reference {
  /** Equal for all copies of one event, and for no other event. */
  readonly key: string;
  /** Other accounts of the pool may have copies. */
  readonly shared: boolean;
}

/** The time of a notice is the local clock of the NapCat that saw it. */
const NOTICE_WINDOW_MS = 5 * SECOND;
const CONVERSATIONS = 5_000;
/** Of one conversation, among which the copies of an event without a sequence number are looked for. */
const OCCURRENCES = 64;

/**
 * What is the same event. A group message is known by its sequence number, which is equal for every account in the group. Where
 * an implementation gives none, and for notices, the content and the time tell: the first that account B saw with this content is
 * the first that account A saw, the second is the second, so that two equal pokes of one person stay two.
 */
export class References {
  readonly #occurrences = new Occurrences({ conversations: CONVERSATIONS, perConversation: OCCURRENCES });

  of(event: Event): Reference {
    if (event.type === 'message' && event.scene.kind === 'group') {
      if (event.seq !== undefined) return { key: `${event.conversation}.s${event.seq}`, shared: true };
      // All accounts are told the same second by QQ.
      return this.#byContent(event, messagePrint(event), 0);
    }
    if (event.type === 'notice' && isOfGroup(event.conversation)) {
      return this.#byContent(event, noticePrint(event), NOTICE_WINDOW_MS);
    }
    return { key: event.id, shared: false };
  }

  #byContent(event: Event, print: string, windowMs: number): Reference {
    return { key: `${event.conversation}.${this.#occurrences.of(event, print, windowMs)}`, shared: true };
  }
}

export function isOfGroup(conversation: ConversationKey): boolean {
  return conversation.startsWith('group:');
}

const URL = /https?:\/\/\S+/g;

/** Without what differs between accounts: addresses and file handles of media carry keys of the account that saw them. */
function messagePrint(event: MessageEvent): string {
  const parts = event.segments.map((segment) => {
    if (isText(segment)) return segment.data.text.replaceAll(URL, '');
    if (segment.type === 'at') return `@${String(segment.data['qq'])}`;
    return segment.type === 'face' ? `face ${String(segment.data['id'])}` : segment.type;
  });
  return digest(['message', event.sender.userId, Math.floor(event.time / SECOND), ...parts]);
}

/** Message ids are left out: each account has its own. */
function noticePrint({ kind, subType, userId, operatorId, targetId, fields }: NoticeEvent): string {
  return digest(['notice', kind, subType, userId, operatorId, targetId, fields['likes'], fields['card_new']]);
}

function digest(parts: readonly unknown[]): string {
  return hash('sha1', JSON.stringify(parts), 'base64url').slice(0, 16);
}
