import { systemClock, actionKind, chatOf, selfId, type Action, type BroadcastStatus } from '@rookery/protocol';
import { actionQueueName, readQueueDepths, type QueueDepths } from '@rookery/queues';
import { ActionClaims, Broadcasts, DeadLetters, PREFIX } from '@rookery/redis';
import type { SeenSend } from '@rookery/testing';
import { PARTITIONS, type FaultyCluster } from '../support/cluster';
import type { StartedBroadcast } from './load';
import type { HeardMessage, ToldOutcome } from './model';

const MOST_LETTERS = 10_000;

/** What the plugin wrote, in the order in which its processes wrote it. */
export function witnessed(cluster: FaultyCluster): { heard: HeardMessage[]; told: ToldOutcome[] } {
  const heard: HeardMessage[] = [];
  const told: ToldOutcome[] = [];
  for (const line of cluster.notes()) {
    const note = JSON.parse(line) as { heard?: string; told?: number; outcome?: string } & Omit<HeardMessage, 'key'>;
    if (note.heard !== undefined) heard.push({ key: note.heard, at: note.at, pid: note.pid, filled: note.filled });
    else if (note.told !== undefined) told.push({ question: note.told, outcome: String(note.outcome) });
  }
  return { heard, told };
}

/** Keys of the messages that lie among the dead letters. */
export async function deadMessages({ client }: FaultyCluster): Promise<Set<string>> {
  const letters = await new DeadLetters(client).list({}, MOST_LETTERS);
  return new Set(
    letters.map(({ event }) => `${event.conversation}#${event.type === 'message' ? (event.seq ?? '') : event.id}`),
  );
}

/** Everything that accounts said, whoever asked for it. */
export function sends({ fleet }: FaultyCluster): SeenSend[] {
  return fleet.world.audit.sent().flatMap(({ self, action, params, text, at }, n) => {
    if (text === undefined) return [];
    const chat = chatOf({ name: action, params } as Action);
    return [{ id: `${n} ${text}`, self, chat, lane: '', kind: actionKind(action, chat), at }];
  });
}

/** What waits and what is under way, events and actions. */
export async function depths(cluster: FaultyCluster): Promise<QueueDepths> {
  const accounts = cluster.fleet.accounts.map((account) => selfId(account.selfId));
  return await readQueueDepths(cluster.client, { partitions: PARTITIONS, accounts, now: Date.now() });
}

/** Actions that wait or whose claim has no outcome, whoever asked for them. */
export async function unfinished(cluster: FaultyCluster): Promise<number> {
  const claims = new ActionClaims(cluster.client);
  let sum = 0;
  for (const self of cluster.fleet.accounts.map((account) => selfId(account.selfId))) {
    const queue = `${PREFIX}:${actionQueueName(self)}`;
    const [arrived, waiting, open] = await Promise.all([
      cluster.client.zcard(`${queue}:prioritized`),
      cluster.client.zcard(`${queue}:delayed`),
      claims.open(self),
    ]);
    // What is sought for ten minutes has its outcome by then: unknown.
    const ended = await Promise.all(open.map(({ id }) => claims.find(self, id)));
    sum += arrived + waiting + ended.filter((result) => result === undefined).length;
  }
  return sum;
}

export async function broadcastsOf(
  { client }: FaultyCluster,
  started: readonly StartedBroadcast[],
): Promise<BroadcastStatus[]> {
  const store = new Broadcasts({ redis: client, partitions: PARTITIONS, clock: systemClock });
  return await Promise.all(started.map(({ id }) => store.find(id as BroadcastStatus['id'])));
}
