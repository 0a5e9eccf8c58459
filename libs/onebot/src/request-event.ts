import { accountConversation, groupId, userId, type RequestEvent } from '@rookery/protocol';
import { requestEventId } from './event-id';
import type { Context } from './context';
import { idText, MalformedEvent, optionalId, requiredId, stringOr, type Fields } from './values';

/** Undefined when the kind of request is one that we do not know. */
export function requestEvent(frame: Fields, context: Context): RequestEvent | undefined {
  const kind = kindOf(frame);
  if (kind === undefined) return undefined;
  const { self } = context.reader;
  const user = userId(requiredId(frame, 'user_id'));
  const group = optionalId(frame, 'group_id');
  if (kind !== 'friend' && group === undefined) throw new MalformedEvent('shape', 'a group request without group_id');
  const flag = stringOr(frame['flag'], idText(frame['flag']) ?? '');
  if (flag === '') throw new MalformedEvent('shape', 'a request without flag cannot be answered');
  return {
    type: 'request',
    kind,
    userId: user,
    ...(group !== undefined && { groupId: groupId(group) }),
    comment: stringOr(frame['comment'], ''),
    flag,
    ...context.base(requestEventId(self, kind, user, flag), accountConversation(self)),
  };
}

function kindOf(frame: Fields): RequestEvent['kind'] | undefined {
  const { request_type: type, sub_type: sub } = frame;
  if (type === 'friend') return 'friend';
  if (type === 'group' && sub === 'add') return 'group.add';
  if (type === 'group' && sub === 'invite') return 'group.invite';
  if (typeof type !== 'string') throw new MalformedEvent('shape', 'request_type is missing');
  return undefined;
}
