import type { Clock } from '@rookery/protocol';
import type { Account } from './account';
import type { Directory } from './directory';

/** A wish to be let in that waits for one account's answer. */
export interface PendingRequest {
  readonly kind: 'friend' | 'group.add' | 'group.invite';
  readonly self: string;
  readonly userId: string;
  readonly groupId?: string;
  readonly comment: string;
  readonly flag: string;
  /** Undefined until it is answered. */
  approved?: boolean;
}

/** Friend requests, applications to groups and invitations. */
export class Requests {
  private readonly pending: PendingRequest[] = [];
  private count = 0;

  constructor(
    private readonly directory: Directory,
    private readonly clock: Clock,
  ) {}

  friend(self: string, userId: string, comment: string): PendingRequest {
    // NapCat: the flag is the request's time; two requests of one second are told apart here by counting on.
    const flag = String(this.directory.seconds + this.count++);
    return this.raise(
      self,
      { kind: 'friend', self, userId, comment, flag },
      { user_id: Number(userId), comment, flag },
    );
  }

  /** Somebody wants into a group; every account that is owner or admin there is asked. */
  groupAdd(groupId: string, userId: string, comment: string): PendingRequest[] {
    const flag = this.notificationSeq();
    const admins = [...this.directory.group(groupId).members.values()].filter(
      (member) => member.role !== 'member' && this.directory.accounts.has(member.userId),
    );
    return admins.map((admin) =>
      this.inGroup({ kind: 'group.add', self: admin.userId, userId, groupId, comment, flag }, groupId, 'add'),
    );
  }

  groupInvite(self: string, groupId: string, inviterId: string): PendingRequest {
    const flag = this.notificationSeq();
    return this.inGroup(
      { kind: 'group.invite', self, userId: inviterId, groupId, comment: '', flag },
      groupId,
      'invite',
    );
  }

  find(self: string, flag: string): PendingRequest | undefined {
    return this.pending.find((request) => request.self === self && request.flag === flag);
  }

  of(self: string): PendingRequest[] {
    return this.pending.filter((request) => request.self === self);
  }

  private inGroup(request: PendingRequest, groupId: string, subType: string): PendingRequest {
    return this.raise(request.self, request, {
      group_id: Number(groupId),
      user_id: Number(request.userId),
      request_type: 'group',
      sub_type: subType,
      comment: request.comment,
      flag: request.flag,
    });
  }

  private raise(self: string, request: PendingRequest, fields: Readonly<Record<string, unknown>>): PendingRequest {
    const account: Account = this.directory.account(self);
    this.pending.push(request);
    const frame = {
      time: this.directory.seconds,
      self_id: Number(self),
      post_type: 'request',
      ...(request.kind === 'friend' && { request_type: 'friend' }),
      ...fields,
    };
    account.sink?.deliver(() => frame, false);
    return request;
  }

  /** NapCat: a notification's sequence in microseconds. */
  private notificationSeq(): string {
    return `${this.clock.now()}${String(this.count++ % 1000).padStart(3, '0')}`;
  }
}
