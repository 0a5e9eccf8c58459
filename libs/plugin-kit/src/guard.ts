import { groupOf, type EventHead, type Sender } from '@rookery/protocol';
import type { LocalText } from './local-text';

export type Role = NonNullable<Sender['role']>;

/** Who or where may use a handler, as data: the worker decides before it asks the plugin's thread. */
export type Guard =
  | { readonly kind: 'in_group' | 'in_private' | 'superuser' }
  | { readonly kind: 'role'; readonly atLeast: Role }
  | { readonly kind: 'granted'; readonly name: string }
  | { readonly kind: 'from_account'; readonly accounts: readonly string[] }
  | { readonly kind: 'from_pool'; readonly pools: readonly string[] }
  | { readonly kind: 'and' | 'or'; readonly guards: readonly Guard[] }
  | { readonly kind: 'not'; readonly guard: Guard };

/** What happens in a group. */
export const InGroup: Guard = { kind: 'in_group' };
/** Messages that an account alone was sent, and events that concern one person. */
export const InPrivate: Guard = { kind: 'in_private' };
/** People that `superusers` of rookery.yaml names. */
export const Superuser: Guard = { kind: 'superuser' };
/** Group messages of people with this role in their group, or a higher one. Nobody has a role in a private chat. */
export const RoleAtLeast = (atLeast: Role): Guard => ({ kind: 'role', atLeast });
/** People whom an operator gave the grant, everywhere or here; superusers have every grant. */
export const Granted = (name: string): Guard => ({ kind: 'granted', name });
/** What one of these accounts saw. */
export const FromAccount = (...accounts: string[]): Guard => ({ kind: 'from_account', accounts });
/** What an account of one of these pools saw. */
export const FromPool = (...pools: string[]): Guard => ({ kind: 'from_pool', pools });
export const and = (...guards: Guard[]): Guard => ({ kind: 'and', guards });
export const or = (...guards: Guard[]): Guard => ({ kind: 'or', guards });
export const not = (guard: Guard): Guard => ({ kind: 'not', guard });

/** What guards ask of the cluster's settings; answered from memory. */
export interface Permissions {
  isSuperuser(user: string): boolean;
  /** Whether an operator gave the user the grant where the event happened. */
  isGranted(user: string, grant: string, event: EventHead): boolean;
}

const RANK: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

export function allows(guard: Guard, event: EventHead, permissions: Permissions): boolean {
  switch (guard.kind) {
    case 'in_group':
      return groupOf(event) !== undefined;
    case 'in_private':
      return event.type === 'message' ? event.scene.kind === 'private' : groupOf(event) === undefined;
    case 'superuser': {
      const user = userOf(event);
      return user !== undefined && permissions.isSuperuser(user);
    }
    case 'role':
      return roleOf(event) >= RANK[guard.atLeast];
    case 'granted': {
      const user = userOf(event);
      if (user === undefined) return false;
      return permissions.isSuperuser(user) || permissions.isGranted(user, guard.name, event);
    }
    case 'from_account':
      return guard.accounts.includes(event.self);
    case 'from_pool':
      return guard.pools.includes(event.pool);
    case 'and':
      return guard.guards.every((part) => allows(part, event, permissions));
    case 'or':
      return guard.guards.some((part) => allows(part, event, permissions));
    case 'not':
      return !allows(guard.guard, event, permissions);
  }
}

/**
 * What to tell who typed a command that a guard keeps from them. Undefined where the command simply is not there (wrong place,
 * account or pool): nobody has to know of it.
 */
export function refusal(guard: Guard, event: EventHead, permissions: Permissions): LocalText | undefined {
  if (allows(guard, event, permissions)) return undefined;
  switch (guard.kind) {
    case 'role':
      if (groupOf(event) === undefined) return undefined;
      return guard.atLeast === 'owner'
        ? { zh: '只有群主可以使用这个指令。', en: 'Only the owner of the group may use this command.' }
        : {
            zh: '只有群主和管理员可以使用这个指令。',
            en: 'Only the owner and admins of the group may use this command.',
          };
    case 'superuser':
      return { zh: '只有机器人的管理者可以使用这个指令。', en: 'Only the operators of this bot may use this command.' };
    case 'granted':
      return {
        zh: `需要权限 ${guard.name} 才能使用这个指令，请联系机器人的管理者。`,
        en: `This command needs the permission ${guard.name}; ask the operators of this bot for it.`,
      };
    case 'and': {
      const failed = guard.guards.filter((part) => !allows(part, event, permissions));
      const told = failed.map((part) => refusal(part, event, permissions));
      return told.includes(undefined) ? undefined : told[0];
    }
    case 'or':
      return guard.guards.map((part) => refusal(part, event, permissions)).find((text) => text !== undefined);
    case 'in_group':
    case 'in_private':
    case 'from_account':
    case 'from_pool':
    case 'not':
      return undefined;
  }
}

/** The person whom permissions are asked for: who spoke, acted or asked. */
function userOf(event: EventHead): string | undefined {
  switch (event.type) {
    case 'message':
      return event.sender.userId;
    case 'notice':
      return event.operatorId ?? event.userId;
    case 'request':
      return event.userId;
    case 'meta':
    case 'schedule':
    case 'unknown':
      return undefined;
  }
}

function roleOf(event: EventHead): number {
  if (event.type !== 'message' || event.scene.kind !== 'group') return -1;
  return RANK[event.sender.role ?? 'member'];
}
