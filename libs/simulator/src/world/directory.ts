import { isDecimalId, type Clock, type Random } from '@rookery/protocol';
import { Account } from './account';
import { Chat } from './conversation';
import { Group, type Member, type Role } from './group';

/** Who and what exists: people, our accounts, groups with their members, friendships, chats. */
export class Directory {
  private readonly names = new Map<string, string>();
  private readonly privateChats = new Map<string, Chat>();
  readonly accounts = new Map<string, Account>();
  readonly groups = new Map<string, Group>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Unix seconds. */
  get seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  addUser(userId: string, nickname: string): void {
    this.names.set(checked(userId), nickname);
  }

  addAccount(self: string, nickname: string): Account {
    const account = new Account(checked(self), nickname);
    this.names.set(self, nickname);
    this.accounts.set(self, account);
    return account;
  }

  addGroup(groupId: string, name: string): Group {
    const chat = new Chat(`group:${checked(groupId)}`, { kind: 'group', groupId }, this.firstSeq());
    const group = new Group(groupId, name, chat);
    this.groups.set(groupId, group);
    return group;
  }

  /** Makes somebody a member without telling anybody; for a join that is reported use `World.notices.increase`. */
  join(groupId: string, userId: string, as: { readonly role?: Role; readonly card?: string } = {}): Member {
    if (!this.names.has(userId)) throw new RangeError(`no such user: ${userId}`);
    const member: Member = {
      userId,
      role: as.role ?? 'member',
      card: as.card ?? '',
      title: '',
      joinedAt: this.seconds,
      lastSentAt: 0,
      mutedUntil: 0,
    };
    this.group(groupId).members.set(userId, member);
    this.accounts.get(userId)?.groups.add(groupId);
    return member;
  }

  leave(groupId: string, userId: string): void {
    this.group(groupId).members.delete(userId);
    this.accounts.get(userId)?.groups.delete(groupId);
  }

  befriend(one: string, other: string): void {
    this.accounts.get(one)?.friends.add(other);
    this.accounts.get(other)?.friends.add(one);
  }

  unfriend(one: string, other: string): void {
    this.accounts.get(one)?.friends.delete(other);
    this.accounts.get(other)?.friends.delete(one);
  }

  account(self: string): Account {
    const account = this.accounts.get(self);
    if (account === undefined) throw new RangeError(`no such account: ${self}`);
    return account;
  }

  group(groupId: string): Group {
    const group = this.groups.get(groupId);
    if (group === undefined) throw new RangeError(`no such group: ${groupId}`);
    return group;
  }

  knows(userId: string): boolean {
    return this.names.has(userId);
  }

  nickname(userId: string): string {
    return this.names.get(userId) ?? '';
  }

  /** The private chat of two people; sessions through a group are chats of their own. */
  privateChat(one: string, other: string, viaGroup?: string): Chat {
    const between: [string, string] = one < other ? [one, other] : [other, one];
    const key = `private:${between.join(':')}${viaGroup === undefined ? '' : `:${viaGroup}`}`;
    let chat = this.privateChats.get(key);
    if (chat === undefined) {
      const scene = { kind: 'private', between, ...(viaGroup !== undefined && { viaGroup }) } as const;
      chat = new Chat(key, scene, Math.floor(this.random() * 500));
      this.privateChats.set(key, chat);
    }
    return chat;
  }

  *accountsIn(group: Group): Iterable<Account> {
    for (const userId of group.members.keys()) {
      const account = this.accounts.get(userId);
      if (account !== undefined) yield account;
    }
  }

  /**
   * Sequences go on in time, 50 a second, as those of real groups do while nobody of ours looks: a simulator that is started
   * again must not repeat numbers that the cluster remembers as answered.
   */
  private firstSeq(): number {
    const ticks = Math.floor((this.clock.now() - SEQ_EPOCH) / 20);
    return Math.max(ticks, 0) + 1000 + Math.floor(this.random() * 50);
  }
}

const SEQ_EPOCH = Date.UTC(2026, 0, 1);

function checked(id: string): string {
  if (!isDecimalId(id) || !Number.isSafeInteger(Number(id))) {
    throw new RangeError(`not a QQ number (decimal, below 2^53): ${id}`);
  }
  return id;
}
