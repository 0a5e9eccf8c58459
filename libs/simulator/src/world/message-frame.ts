import type { Segment } from '@rookery/protocol';
import type { Account, Frame, MessageFormat } from './account';
import { withMediaKey } from './content';
import type { Said } from './conversation';
import type { Directory } from './directory';
import { rawMessage } from './raw-message';

/** Group NapCat names for a temporary session whose group it cannot find. */
const UNKNOWN_GROUP = 284840486;

/**
 * The frame by which one account reports a message, field by field and in the order in which NapCat writes it. message_seq
 * and real_id are copies of message_id; the sequence is `real_seq`. Also the form of get_msg and of histories.
 */
export function messageFrame(directory: Directory, account: Account, said: Said, format: MessageFormat): Frame {
  const { scene } = said.chat;
  const id = account.ids.register(said);
  const segments = said.segments.flatMap((segment) => seenBy(account, said, segment));
  const raw = rawMessage(segments);
  const own = said.userId === account.self;
  const viaGroup = scene.kind === 'private' ? scene.viaGroup : undefined;
  return {
    self_id: Number(account.self),
    user_id: Number(said.userId),
    time: said.time,
    message_id: id,
    message_seq: id,
    real_id: id,
    real_seq: said.seq,
    message_type: scene.kind,
    sender: sender(directory, said),
    raw_message: raw,
    font: 14,
    sub_type: scene.kind === 'group' ? 'normal' : viaGroup === undefined ? 'friend' : 'group',
    message: format === 'string' ? raw : segments,
    message_format: format,
    post_type: own ? 'message_sent' : 'message',
    ...(scene.kind === 'group' && { group_id: Number(scene.groupId), group_name: directory.group(scene.groupId).name }),
    ...(viaGroup !== undefined && { group_id: Number(viaGroup) || UNKNOWN_GROUP, temp_source: 0 }),
    ...(own && { message_sent_type: 'self' }),
    ...(scene.kind === 'private' && { target_id: Number(said.chat.peerOf(account.self)) }),
    ...(scene.kind === 'group' && own && { target_id: Number(scene.groupId) }),
  };
}

function sender(directory: Directory, said: Said): Record<string, unknown> {
  const { scene } = said.chat;
  const member = scene.kind === 'group' ? directory.group(scene.groupId).members.get(said.userId) : undefined;
  return {
    user_id: Number(said.userId),
    nickname: directory.nickname(said.userId),
    card: member?.card ?? '',
    ...(member !== undefined && { role: member.role }),
  };
}

/** A quote names the account's own id of the quoted message and is left out when that cannot be found. */
function seenBy(account: Account, said: Said, segment: Segment): Segment[] {
  if (segment.type !== 'reply') return [withMediaKey(segment, account.self)];
  const seq = segment.data['seq'];
  const quoted = typeof seq === 'string' ? said.chat.bySeq(seq) : undefined;
  return quoted === undefined ? [] : [{ type: 'reply', data: { id: String(account.ids.register(quoted)) } }];
}
