import { toSegments, systemClock, type MessageLike, type NoticeKind } from '@rookery/protocol';
import { EndpointHost, seededRandom, World, type ActionScript } from '@rookery/simulator';
import type { GroupRole } from '../../../worker/src/testing';

/** Under this name an event's field is a field of NapCat's frame. Others keep theirs. */
const FRAME_NAMES: Readonly<Record<string, string>> = {
  subType: 'sub_type',
  operatorId: 'operator_id',
  targetId: 'target_id',
  messageId: 'message_id',
};
const NUMBERS = new Set(['operator_id', 'target_id', 'message_id']);

export type Script = (
  self: string,
  action: string,
  params: Readonly<Record<string, unknown>>,
) => ActionScript | undefined;

/** The simulated QQ of a real fleet: who is spoken of is there, and every account is an admin of every group. */
export class People {
  readonly world = new World({ clock: systemClock, random: seededRandom(1) });
  readonly #host = new EndpointHost({ world: this.world, clock: systemClock });
  readonly #offline = new Set<string>();

  private constructor(readonly accounts: readonly string[]) {}

  static async start(accounts: readonly string[], script: Script): Promise<People> {
    const people = new People(accounts);
    const host = people.#host;
    await host.listen();
    for (const self of accounts) {
      people.world.directory.addAccount(self, `account ${self}`);
      host.add(self, { reportSelf: true, script: (action, params) => script(self, action, params) });
    }
    host.release();
    return people;
  }

  /** As rookery.yaml lists them. */
  get listed(): readonly object[] {
    return this.accounts.map((selfId) => ({ selfId, mode: 'forward', url: this.#host.url(selfId) }));
  }

  get online(): readonly string[] {
    return this.accounts.filter((self) => !this.#offline.has(self));
  }

  /** How many accounts are told of it. */
  say(
    user: string,
    where: { readonly group: string; readonly role: GroupRole } | undefined,
    message: MessageLike,
  ): number {
    const { world } = this;
    this.#know(user);
    if (where !== undefined) {
      this.#join(where.group, user, where.role);
      world.say(user, { group: where.group }, toSegments(message));
      return this.online.length;
    }
    const [self] = this.online;
    if (self === undefined) return 0;
    world.directory.befriend(self, user);
    world.say(user, { private: self }, toSegments(message));
    return 1;
  }

  /** How many accounts are told of it. `fields`: those of the event, under their names there. */
  notice(kind: NoticeKind, group: string, about: string, fields: object): number {
    this.#know(about);
    this.#join(group, about);
    const [type = '', sub] = kind.split('.', 2);
    const frame = {
      group_id: Number(group),
      user_id: Number(about),
      notice_type: type,
      ...(sub !== undefined && { sub_type: sub }),
      ...frameFields(fields),
    };
    for (const self of this.online) this.world.notices.raw(self, { ...this.#stamp(self, 'notice'), ...frame });
    return this.online.length;
  }

  /** How many accounts are told of it. */
  request(kind: 'friend' | 'group.add' | 'group.invite', from: string, fields: object): number {
    const { requests } = this.world;
    const { comment = '', groupId: group = '100' } = fields as { comment?: string; groupId?: string };
    const [self] = this.online;
    if (self === undefined) return 0;
    this.#know(from);
    if (kind === 'friend') requests.friend(self, from, comment);
    else {
      this.#group(group);
      if (kind === 'group.add') return requests.groupAdd(group, from, comment).length;
      requests.groupInvite(self, group, from);
    }
    return 1;
  }

  /** Its NapCat ends. */
  goOffline(self: string): void {
    this.#offline.add(self);
    this.#host.endpoint(self).stop();
  }

  goOnline(self: string): void {
    this.#offline.delete(self);
    this.#host.endpoint(self).start();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  #know(user: string): void {
    const { directory } = this.world;
    if (!directory.knows(user)) directory.addUser(user, `user ${user}`);
  }

  #join(group: string, user: string, role: GroupRole = 'member'): void {
    this.#group(group);
    const member = this.world.directory.group(group).members.get(user);
    if (member) member.role = role;
    else this.world.directory.join(group, user, { role });
  }

  #group(group: string): void {
    const { directory } = this.world;
    if (directory.groups.has(group)) return;
    directory.addGroup(group, `group ${group}`);
    for (const self of this.accounts) directory.join(group, self, { role: 'admin' });
  }

  #stamp(self: string, type: string): object {
    return { time: this.world.directory.seconds, self_id: Number(self), post_type: type };
  }
}

function frameFields(given: object): Record<string, unknown> {
  const { fields = {}, ...others } = given as Record<string, unknown>;
  const named = Object.entries(others).map(([name, value]) => {
    const frameName = FRAME_NAMES[name] ?? name;
    return [frameName, NUMBERS.has(frameName) ? Number(value) : value] as const;
  });
  return { ...(fields as object), ...Object.fromEntries(named) };
}
