import type { Chat } from './conversation';

export type Role = 'owner' | 'admin' | 'member';

export interface Member {
  readonly userId: string;
  role: Role;
  /** Name in the group; empty when none is set. */
  card: string;
  title: string;
  /** Unix seconds. */
  readonly joinedAt: number;
  /** Unix seconds; 0 before the first message. */
  lastSentAt: number;
  /** Unix seconds until which the member is muted; 0 when not. */
  mutedUntil: number;
}

export class Group {
  readonly members = new Map<string, Member>();
  /** Whole-group ban: only owner and admins may speak. */
  wholeBan = false;

  constructor(
    readonly groupId: string,
    public name: string,
    readonly chat: Chat,
  ) {}

  /** Whether QQ refuses a message of this member at this time (Unix seconds): muted, or whole-group ban without a role. */
  silences(member: Member, atSeconds: number): boolean {
    return member.mutedUntil > atSeconds || (this.wholeBan && member.role === 'member');
  }
}
