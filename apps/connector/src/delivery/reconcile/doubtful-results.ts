import {
  contentOf,
  groupId,
  messageId,
  targetOf,
  targetText,
  type Action,
  type ActionResult,
  type Mutable,
  type SentReference,
} from '@rookery/protocol';
import type { Likeness } from './account-search';
import type { OwnMessage } from './equal-sends';

/** What is still known of an action when its outcome is told; after a crash its parameters are not. */
export type AskedAction = Pick<Action, 'id' | 'self' | 'name' | 'lane' | 'replyTo' | 'createdAt'>;

/** The message that an action has become. `at`: when that was found, ms. */
export function sentAs(
  { asked, likeness }: { readonly asked: AskedAction; readonly likeness: Likeness },
  message: OwnMessage,
  at: number,
): ActionResult {
  const { id, self } = asked;
  const data = { message_id: Number(message.messageId) };
  return withReference({ id, self, outcome: 'sent', data, endedAt: at }, likeness, message);
}

/** What is known of an action whose process died with it, before anything is found. */
export function begunByTheDead({ id, self, name }: AskedAction, at: number): ActionResult {
  const message = `${name} was begun by a process that did not live to tell; it may have taken effect and is not sent again`;
  return { id, self, outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN', message }, endedAt: at };
}

/** By what the message of an action is known; undefined for what leaves none. */
export function likenessOf({ name, params }: Action): Likeness | undefined {
  const target = targetOf(name, params);
  const content = target && contentOf(params);
  return target && content !== undefined ? { target: targetText(target), content } : undefined;
}

/** The id that NapCat answered with. */
export function messageIdOf({ outcome, data }: ActionResult): OwnMessage['messageId'] | undefined {
  if (outcome !== 'sent' || typeof data !== 'object' || data === null || !('message_id' in data)) return undefined;
  const { message_id: id } = data;
  return typeof id === 'number' || (typeof id === 'string' && id !== '' && id.length <= 200)
    ? messageId(String(id))
    : undefined;
}

/** How the target of a group begins. */
const GROUP = 'group:';

/** The result with what others can quote the message by. */
export function withReference(
  result: ActionResult,
  likeness: Likeness | undefined,
  seen: OwnMessage | undefined,
): ActionResult {
  const id = seen?.messageId ?? messageIdOf(result);
  const target = result.outcome === 'sent' ? likeness?.target : undefined;
  const group = target?.startsWith(GROUP) === true ? groupId(target.slice(GROUP.length)) : undefined;
  if (id === undefined && group === undefined && seen?.seq === undefined) return result;
  const reference: Mutable<SentReference> = {};
  if (id !== undefined) reference.messageId = id;
  if (group !== undefined) reference.groupId = group;
  if (seen?.seq !== undefined) reference.seq = seen.seq;
  return Object.assign({}, result, { reference });
}
