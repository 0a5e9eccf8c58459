import type { Account, Frame } from './account';
import type { Said } from './conversation';
import type { Directory } from './directory';
import { kernelMessageId } from './message-ids';

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a notice in the order of NapCat's frames: envelope, then group and user, then the rest. */
function notice(directory: Directory, account: Account, fields: Fields): Frame {
  return { time: directory.seconds, self_id: Number(account.self), post_type: 'notice', ...fields };
}

/** Whoever shows up in a poke, by the uid that QQ uses inside. */
const uid = (userId: string) => `u_${userId}`;

/**
 * Everything NapCat reports as a notice. Each method changes the world as the notice says and reports it to the accounts
 * that would see it.
 */
export class Notices {
  constructor(private readonly directory: Directory) {}

  /** Any notice, as given, to one account: for kinds and fields that no method makes. */
  raw(self: string, fields: Fields): void {
    this.to([this.directory.account(self)], () => fields);
  }

  increase(groupId: string, userId: string, operatorId: string, subType: 'approve' | 'invite' = 'approve'): void {
    this.directory.join(groupId, userId);
    this.toGroup(groupId, userId, 'group_increase', { operator_id: Number(operatorId), sub_type: subType });
  }

  /** The accounts in the group hear of it, the one that goes included (then as `kick_me` when it was kicked). */
  decrease(groupId: string, userId: string, operatorId: string, how: 'leave' | 'kick' | 'disband' = 'leave'): void {
    const group = this.directory.group(groupId);
    this.to(this.directory.accountsIn(group), (account) => ({
      group_id: Number(groupId),
      user_id: Number(userId),
      notice_type: 'group_decrease',
      sub_type: how === 'kick' && account.self === userId ? 'kick_me' : how,
      operator_id: Number(operatorId),
    }));
    this.directory.leave(groupId, userId);
  }

  /** Duration in seconds; 0 lifts it. */
  ban(groupId: string, userId: string, operatorId: string, duration: number): void {
    const member = this.directory.group(groupId).members.get(userId);
    if (member !== undefined) member.mutedUntil = duration === 0 ? 0 : this.directory.seconds + duration;
    const sub_type = duration === 0 ? 'lift_ban' : 'ban';
    this.toGroup(groupId, userId, 'group_ban', { operator_id: Number(operatorId), duration, sub_type });
  }

  wholeBan(groupId: string, operatorId: string, enable: boolean): void {
    this.directory.group(groupId).wholeBan = enable;
    this.toGroup(groupId, '0', 'group_ban', {
      operator_id: Number(operatorId),
      duration: enable ? -1 : 0,
      sub_type: enable ? 'ban' : 'lift_ban',
    });
  }

  admin(groupId: string, userId: string, set: boolean): void {
    const member = this.directory.group(groupId).members.get(userId);
    if (member !== undefined) member.role = set ? 'admin' : 'member';
    this.toGroup(groupId, userId, 'group_admin', { sub_type: set ? 'set' : 'unset' });
  }

  card(groupId: string, userId: string, card: string): void {
    const member = this.directory.group(groupId).members.get(userId);
    const old = member?.card ?? '';
    if (member !== undefined) member.card = card;
    this.toGroup(groupId, userId, 'group_card', { card_new: card, card_old: old });
  }

  upload(groupId: string, userId: string, file: { readonly id: string; readonly name: string; readonly size: number }) {
    this.toGroup(groupId, userId, 'group_upload', { file: { ...file, busid: 102 } });
  }

  title(groupId: string, userId: string, title: string): void {
    const member = this.directory.group(groupId).members.get(userId);
    if (member !== undefined) member.title = title;
    this.toGroup(groupId, userId, 'notify', { sub_type: 'title', title });
  }

  rename(groupId: string, operatorId: string, name: string): void {
    this.directory.group(groupId).name = name;
    this.toGroup(groupId, operatorId, 'notify', { sub_type: 'group_name', name_new: name });
  }

  recall(said: Said, operatorId: string, audience: Iterable<Account>): void {
    const { scene } = said.chat;
    this.to(audience, (account) =>
      scene.kind === 'group'
        ? {
            group_id: Number(scene.groupId),
            user_id: Number(said.userId),
            notice_type: 'group_recall',
            operator_id: Number(operatorId),
            message_id: account.ids.register(said),
          }
        : { notice_type: 'friend_recall', user_id: Number(said.userId), message_id: account.ids.register(said) },
    );
  }

  essence(said: Said, operatorId: string): void {
    this.aboutMessage(said, said.userId, (messageId) => ({
      notice_type: 'essence',
      sub_type: 'add',
      operator_id: Number(operatorId),
      message_id: messageId,
      sender_id: Number(said.userId),
    }));
  }

  emojiLike(said: Said, userId: string, emojiId: string, isAdd: boolean): void {
    this.aboutMessage(said, userId, (messageId) => ({
      notice_type: 'group_msg_emoji_like',
      message_id: messageId,
      likes: [{ emoji_id: emojiId, count: 1 }],
      is_add: isAdd,
    }));
  }

  /** NapCat passes a system tip of a kind that it does not know with its JSON text. */
  grayTip(said: Said, content: Fields): void {
    const { scene } = said.chat;
    if (scene.kind !== 'group') return;
    this.to(this.directory.accountsIn(this.directory.group(scene.groupId)), (account) => ({
      notice_type: 'notify',
      sub_type: 'gray_tip',
      group_id: Number(scene.groupId),
      user_id: Number(said.userId),
      message_id: account.ids.register(said),
      busi_id: '2401',
      content: JSON.stringify(content),
      raw_info: {
        msgSeq: said.seq,
        msgTime: String(said.time),
        msgId: kernelMessageId(account.self, said),
        json: content,
      },
    }));
  }

  groupPoke(groupId: string, userId: string, targetId: string): void {
    this.to(this.directory.accountsIn(this.directory.group(groupId)), () => ({
      notice_type: 'notify',
      sub_type: 'poke',
      target_id: Number(targetId),
      user_id: Number(userId),
      group_id: Number(groupId),
      raw_info: [
        { col: '1', nm: '', type: 'qq', uid: uid(userId) },
        { jp: 'https://example.invalid/nudge', src: 'https://example.invalid/a.jpg', type: 'img' },
        { txt: '戳了戳', type: 'nor' },
        { col: '1', nm: '', tp: '0', type: 'qq', uid: uid(targetId) },
        { txt: '', type: 'nor' },
      ],
    }));
  }

  /** `user_id` is the peer of the account, whoever poked; `sender_id` is who did. */
  privatePoke(self: string, peerId: string, senderId: string): void {
    const targetId = senderId === self ? peerId : self;
    this.to([this.directory.account(self)], () => ({
      notice_type: 'notify',
      sub_type: 'poke',
      target_id: Number(targetId),
      user_id: Number(peerId),
      raw_info: [
        { col: '1', nm: '', type: 'qq', uid: uid(senderId) },
        { txt: '戳了戳', type: 'nor' },
        { col: '1', nm: '', type: 'qq', uid: uid(targetId) },
      ],
      sender_id: Number(senderId),
    }));
  }

  inputStatus(self: string, userId: string): void {
    this.raw(self, {
      notice_type: 'notify',
      sub_type: 'input_status',
      status_text: '对方正在输入...',
      event_type: 1,
      user_id: Number(userId),
      group_id: 0,
    });
  }

  profileLike(self: string, operatorId: string, times: number): void {
    this.raw(self, {
      notice_type: 'notify',
      sub_type: 'profile_like',
      operator_id: Number(operatorId),
      operator_nick: this.directory.nickname(operatorId),
      times,
    });
  }

  friendAdd(self: string, userId: string): void {
    this.directory.befriend(self, userId);
    this.raw(self, { notice_type: 'friend_add', user_id: Number(userId) });
  }

  onlineFileSend(self: string, peerId: string, subType: 'receive' | 'refuse'): void {
    this.raw(self, { peer_id: Number(peerId), notice_type: 'online_file_send', sub_type: subType });
  }

  onlineFileCancel(self: string, peerId: string): void {
    this.raw(self, { peer_id: Number(peerId), notice_type: 'online_file_receive', sub_type: 'cancel' });
  }

  /** QQ ends the login: the account is offline from now on, its sockets stay open. */
  botOffline(self: string, message = '你的帐号当前登录已失效，请重新登录。'): void {
    this.directory.account(self).online = false;
    this.raw(self, { notice_type: 'bot_offline', user_id: Number(self), tag: '下线通知', message });
  }

  private toGroup(groupId: string, userId: string, noticeType: string, rest: Fields): void {
    const head = { group_id: Number(groupId), user_id: Number(userId), notice_type: noticeType };
    this.to(this.directory.accountsIn(this.directory.group(groupId)), () => ({ ...head, ...rest }));
  }

  private aboutMessage(said: Said, userId: string, rest: (messageId: number) => Fields): void {
    const { scene } = said.chat;
    if (scene.kind !== 'group') return;
    this.to(this.directory.accountsIn(this.directory.group(scene.groupId)), (account) => ({
      group_id: Number(scene.groupId),
      user_id: Number(userId),
      ...rest(account.ids.register(said)),
    }));
  }

  private to(accounts: Iterable<Account>, fields: (account: Account) => Fields): void {
    for (const account of accounts) {
      const frame = notice(this.directory, account, fields(account));
      account.sink?.deliver(() => frame, false);
    }
  }
}
