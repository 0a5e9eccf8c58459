import {
  MINUTE,
  SECOND,
  type Clock,
  type ConversationKey,
  type EventHead,
  type NoticeEvent,
  type Sender,
  type SelfId,
} from '@rookery/protocol';
import { RecentMap } from './recent-map';
import { isOfGroup } from './references';

interface Member {
  /** Monotonic. */
  seenAt: number;
  role?: Sender['role'];
  /** Monotonic; the account is muted until then. */
  mutedUntil?: number;
  /** Copies that were waited for in vain since the account saw something of the group. */
  missed: number;
}

interface Group {
  readonly members: Map<SelfId, Member>;
  /** Only owner and admins may speak. */
  allMuted: boolean;
}

const GROUPS = 20_000;
/** An account that has seen nothing of its groups for so long is not chosen for a group on that knowledge. */
const RECENT_MS = 10 * MINUTE;

/** One copy may be late; after two every further message would wait in vain. */
export const ABSENT_AFTER = 2;

/** What events tell of our own accounts in each group: which are there, who is admin, who is muted. Bounded; forgetting is harmless. */
export class GroupMembers {
  readonly #groups = new RecentMap<ConversationKey, Group>(GROUPS);

  constructor(
    private readonly clock: Clock,
    /** Numbers of all accounts of the fleet. */
    private readonly fleet: Pick<ReadonlySet<string>, 'has'>,
  ) {}

  /** For every event, chatter included, so it costs a look-up or two. */
  heard(event: EventHead): void {
    if (!isOfGroup(event.conversation)) return;
    const group = this.#groups.getOr(event.conversation, () => ({ members: new Map(), allMuted: false }));
    const member = this.#member(group, event.self);
    member.seenAt = this.clock.monotonic();
    member.missed = 0;
    if (event.type === 'notice') this.#notice(group, event);
    else if (event.type === 'message' && event.sender.role !== undefined && this.fleet.has(event.sender.userId)) {
      this.#member(group, ours(event.sender.userId)).role = event.sender.role;
    }
  }

  /** Accounts that saw something of the group lately. */
  recent(conversation: ConversationKey): SelfId[] {
    const since = this.clock.monotonic() - RECENT_MS;
    const members = this.#groups.get(conversation)?.members ?? new Map<SelfId, Member>();
    return [...members].filter(([, { seenAt }]) => seenAt >= since).map(([self]) => self);
  }

  isAdmin(conversation: ConversationKey, self: SelfId): boolean {
    const role = this.#groups.get(conversation)?.members.get(self)?.role;
    return role === 'owner' || role === 'admin';
  }

  /** The copy of this account was waited for in vain. */
  missed(conversation: ConversationKey, self: SelfId): void {
    const group = this.#groups.get(conversation);
    if (group) this.#member(group, self).missed += 1;
  }

  /** As far as is known it is in the group and QQ would take what it says there. */
  isPresent(conversation: ConversationKey, self: SelfId): boolean {
    const group = this.#groups.get(conversation);
    if (!group) return true;
    if (group.allMuted && !this.isAdmin(conversation, self)) return false;
    const member = group.members.get(self);
    return !member || (member.missed < ABSENT_AFTER && (member.mutedUntil ?? 0) <= this.clock.monotonic());
  }

  #notice(group: Group, event: NoticeEvent): void {
    const { kind, userId, subType } = event;
    if (kind === 'group_ban') {
      const { duration = 0 } = event.fields;
      const lifted = subType === 'lift_ban' || duration === 0;
      if (userId === undefined) group.allMuted = !lifted;
      else if (this.fleet.has(userId)) {
        this.#member(group, ours(userId)).mutedUntil = lifted ? 0 : this.clock.monotonic() + duration * SECOND;
      }
    } else if (userId === undefined || !this.fleet.has(userId)) return;
    else if (kind === 'group_admin') this.#member(group, ours(userId)).role = subType === 'set' ? 'admin' : 'member';
    else if (kind === 'group_decrease') {
      group.members.set(ours(userId), { seenAt: Number.NEGATIVE_INFINITY, missed: ABSENT_AFTER });
    }
  }

  #member(group: Group, self: SelfId): Member {
    const known = group.members.get(self);
    if (known) return known;
    const member: Member = { seenAt: Number.NEGATIVE_INFINITY, missed: 0 };
    group.members.set(self, member);
    return member;
  }
}

/** A user whose number is in the fleet is one of our accounts. */
function ours(user: string): SelfId {
  return user as SelfId;
}
