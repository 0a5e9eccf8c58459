import { POOL_DEFAULTS } from '@rookery/config';
import {
  DEFAULT_POOL,
  eventId,
  groupConversation,
  groupId,
  messageSeq,
  selfId,
  userId,
  type Clock,
  type ConversationKey,
  type Event,
  type EventId,
  type MessageEvent,
  type SelfId,
} from '@rookery/protocol';
import type { Settled } from '../dispatch';
import { Assignment, type AssignmentOptions } from './assignment';
import { Conversations, type ConversationsOptions } from './conversations';
import type { EventMemory } from './event-memory';
import { GroupMembers } from './group-members';

/** For the specs of this folder: events, and conversations whose handlers run until the test ends them. */
export interface Said {
  readonly account?: string;
  readonly group?: string;
  readonly from?: string;
  /** Null: the implementation gives none. */
  readonly seq?: string | null;
  readonly own?: boolean;
  readonly text?: string;
  readonly at?: string;
  readonly role?: 'owner' | 'admin' | 'member';
  readonly clock?: Clock;
}

export const inGroup = (group: string): ConversationKey => groupConversation(DEFAULT_POOL, groupId(group));

export function said(message: Said = {}): MessageEvent {
  const { account = '10001', group = '7', from = '42', seq = '1', own = false, text = 'x', at, role, clock } = message;
  const now = clock?.now() ?? Date.UTC(2026, 0, 1);
  return {
    id: eventId(`m.${account}.g${group}.s${seq ?? `none-${now}`}`),
    self: selfId(account),
    pool: DEFAULT_POOL,
    conversation: inGroup(group),
    time: Math.floor(now / 1000) * 1000,
    receivedAt: now,
    type: 'message',
    scene: { kind: 'group', groupId: groupId(group) },
    subType: 'normal',
    ...(seq !== null && { seq: messageSeq(seq) }),
    sender: { userId: userId(from), nickname: '', card: '', ...(role && { role }) },
    segments: [...(at === undefined ? [] : [{ type: 'at', data: { qq: at } }]), { type: 'text', data: { text } }],
    text,
    own,
  };
}

/** As Redis would remember, for as long as the test lives. */
export class MemoryDouble implements EventMemory {
  readonly stored = new Map<string, { kind: 'in_hand' | 'settled'; copy: EventId }>();

  async take(_conversation: ConversationKey, reference: string, copy: EventId): ReturnType<EventMemory['take']> {
    const known = this.stored.get(reference);
    if (!known) this.stored.set(reference, { kind: 'in_hand', copy });
    return known ?? { kind: 'new' };
  }

  async settle(_conversation: ConversationKey, reference: string, copy: EventId): Promise<void> {
    this.stored.set(reference, { kind: 'settled', copy });
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const HANDLED: Settled = { result: 'handled' };
export const PARTITIONS = 4;
const FLEET = new Set(['10001', '10002', '10003', '10004']);

export interface StageOptions extends Partial<Omit<ConversationsOptions, 'clock' | 'assignment' | 'members'>> {
  readonly clock: Clock;
  readonly assignment?: Partial<Omit<AssignmentOptions, 'members'>>;
  /** Handlers end at once. */
  readonly instant?: boolean;
}

/** A message with the text `chatter` has a listener that is no command, one with `nothing` has no handler at all. */
export function stage({ clock, assignment: wishes, instant = false, ...options }: StageOptions) {
  const started: string[] = [];
  const ends = new Map<string, (settled: Settled) => void>();
  const kept = new Map<ConversationKey, SelfId>();
  const offline = new Set<string>();
  const route = (event: Event) => ({
    plugin: 'p',
    handler: 'h',
    ...(event.type === 'message' && event.text !== 'chatter' && { command: true as const }),
  });
  const dispatcher: ConversationsOptions['dispatcher'] = {
    mayWant: ({ text }) => text !== 'nothing',
    match: (event) => (event.type === 'message' && event.text === 'nothing' ? [] : [{ route: route(event), rest: [] }]),
    run(event) {
      started.push(event.id);
      return instant ? Promise.resolve(HANDLED) : new Promise((end) => ends.set(event.id, end));
    },
  };
  const members = new GroupMembers(clock, FLEET);
  const assignment = new Assignment({
    members,
    policy: () => 'sticky',
    explicit: () => undefined,
    poolOf: (account) => (FLEET.has(account) ? DEFAULT_POOL : undefined),
    isOnline: (account) => !offline.has(account),
    store: {
      load: async (group) => kept.get(group),
      save: async (group, account) => void kept.set(group, account),
    },
    ...wishes,
  });
  const sut = new Conversations({
    dispatcher,
    clock,
    memory: new MemoryDouble(),
    members,
    partitions: PARTITIONS,
    assignment,
    fleet: FLEET,
    graceMs: () => POOL_DEFAULTS.graceMs,
    overload: { lagMs: 10_000, chatterMs: 60_000 },
    brake: { turns: 6, windowMs: 60_000, ignoreMs: 60_000 },
    ...options,
  });
  const settled: [string, Settled][] = [];
  sut.on('settled', (event, how) => settled.push([event.id, how]));
  const end = (event: Event, how: Settled = HANDLED) => {
    const found = ends.get(event.id);
    if (!found) throw new Error(`${event.id} has not started`);
    found(how);
  };
  return { sut, started, settled, end, assignment, members, kept, offline };
}
