import type { CallEnd } from '@rookery/onebot';
import { chatOf, SECOND, type Chat, type Clock, type GroupId, type NoticeEvent, type SelfId } from '@rookery/protocol';
import { AccountHolds, type HoldStore } from './delivery/holds/account-holds';
import type { Reconciliation } from './delivery/reconcile/reconciliation';
import type { Intake } from './intake/intake';
import type { Links } from './link/links';

const ASK_MS = 10 * SECOND;

/** Joins breakers and mutes to what they learn from: how sends end, notices, and whether QQ has the account logged in. */
export function attachHolds(parts: {
  readonly store: HoldStore;
  readonly outcomes: Reconciliation;
  readonly links: Links;
  readonly intake: Intake;
  readonly clock: Clock;
}): AccountHolds {
  const { store, outcomes, links, intake, clock } = parts;
  const holds = new AccountHolds(store, clock);
  outcomes.on('begun', (action) => holds.begun(action));
  outcomes.on('released', (action) => holds.released(action));
  outcomes.on('answered', (action, result) => holds.answered(action, result));
  links.on('status', ({ self, state }) => {
    if (state === 'online') holds.loggedIn(self);
  });
  intake.on('accepted', (event) => {
    if (event.type !== 'notice' || event.groupId === undefined || links.role(event.self) !== 'owner') return;
    const chat = chatOf({ name: 'send_group_msg', params: { group_id: event.groupId } });
    if (event.kind === 'group_ban') void onBan(event, chat);
    else if (event.kind === 'group_increase' && event.userId !== undefined && String(event.userId) === event.self)
      holds.unmuted(event.self, chat, 'the account joined the group');
  });

  async function onBan(event: NoticeEvent & { kind: 'group_ban' }, chat: Chat): Promise<void> {
    const { self, userId, subType, fields, groupId } = event;
    if (userId !== undefined && String(userId) !== self) return;
    const seconds = fields.duration ?? 0;
    if (subType === 'lift_ban' || seconds === 0) holds.unmuted(self, chat);
    else if (seconds > 0) holds.muted(self, chat, event.time + seconds * SECOND);
    else {
      holds.muted(self, chat);
      // A mute of the whole group does not concern its admins.
      if (groupId !== undefined && (await isAdmin(self, groupId))) holds.unmuted(self, chat, 'admins may speak');
    }
  }

  async function isAdmin(self: SelfId, groupId: GroupId): Promise<boolean> {
    const params = { group_id: groupId, user_id: self };
    const end = await links.call(self, 'get_group_member_info', params, { timeoutMs: ASK_MS });
    return ['owner', 'admin'].includes(roleOf(end));
  }
  return holds;
}

function roleOf(end: CallEnd | { readonly kind: 'down' }): string {
  const data = end.kind === 'replied' ? end.reply.data : undefined;
  return typeof data === 'object' && data !== null && 'role' in data ? String(data.role) : '';
}
