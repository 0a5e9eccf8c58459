import { Logger } from '@nestjs/common';
import {
  actionId,
  actionKind,
  channels,
  chatOf,
  selfId,
  type Action,
  type ActionResult,
  type Lane,
  type Outcome,
} from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import { ActionClaims, connectRedis, type Redis } from '@rookery/redis';
import { ControlChannel } from '@rookery/service';
import type { SentRecord } from '@rookery/simulator';
import type { AskedSend, SeenSend } from '@rookery/testing';
import { until } from '../../e2e/support/processes';
import type { FaultyCluster } from './cluster';

/** What one message is: to whom, and how urgent. */
export interface Message {
  readonly self: string;
  readonly to: { readonly group: string } | { readonly user: string };
  readonly lane: Exclude<Lane, 'read'>;
  readonly expiresInMs: number;
}

/** Ids are looked up so many at a time. */
const AT_ONCE = 500;
const AGAIN_MS = 200;

/** Asks accounts for messages as a worker does, and knows what was asked, what the simulator saw and what was recorded. */
export class Asker {
  /** In the order in which they were stored. */
  readonly asked: (AskedSend & { readonly at: number })[] = [];
  readonly outcomes = new Map<string, Outcome>();
  readonly #actions = new Map<string, Action>();

  private constructor(
    private readonly cluster: FaultyCluster,
    private readonly client: Redis,
    private readonly control: ControlChannel,
    private readonly publisher: ActionPublisher,
  ) {}

  static async start(cluster: FaultyCluster): Promise<Asker> {
    // It would print each reconnect to a Redis that is killed on purpose.
    Logger.overrideLogger(false);
    const client = await connectRedis(cluster.redis.url, 'producer', 'asker', () => undefined);
    const control = new ControlChannel(cluster.redis.url, () => undefined);
    await control.start();
    const announce = (accounts: readonly string[]): void => control.emit(channels.actionsWaiting, { v: 1, accounts });
    return new Asker(cluster, client, control, new ActionPublisher(new SharedQueueBackend(client), announce));
  }

  /** Resolves when the message is stored, which may have to wait for Redis to come back. */
  async ask({ self, to, lane, expiresInMs }: Message): Promise<void> {
    const n = this.#actions.size;
    const id = `ask-${n}`;
    const target = 'group' in to ? { group_id: to.group } : { user_id: to.user };
    const createdAt = Date.now();
    const action: Action = {
      v: 1,
      id: actionId(id),
      self: selfId(self),
      name: 'group' in to ? 'send_group_msg' : 'send_private_msg',
      params: { ...target, message: [{ type: 'text', data: { text: id } }] },
      lane,
      createdAt,
      expiresAt: createdAt + expiresInMs,
      origin: { plugin: 'test' },
    };
    this.#actions.set(id, action);
    await this.#store(action);
    this.asked.push({ id, self, chat: chatOf(action), lane, at: Date.now() });
  }

  /** What the simulator saw of it, with its own stamps. */
  seen(): SeenSend[] {
    return this.cluster.fleet.world.audit.sent().flatMap((record) => this.#seen(record) ?? []);
  }

  /** Waits until every action has an outcome but those that were stored when `mayBeLost` says. What has one for certain is not asked for again. */
  async settle(withinMs: number, mayBeLost: (storedAt: number) => boolean = () => false): Promise<void> {
    const isSettled = async (): Promise<boolean> => {
      await this.lookUp();
      return this.asked.every(({ id, at }) => this.outcomes.has(id) || mayBeLost(at));
    };
    await until('everything that was asked has its outcome', isSettled, withinMs);
  }

  async stop(): Promise<void> {
    await this.control.close();
    this.client.disconnect();
  }

  async #store(action: Action): Promise<void> {
    for (;;) {
      try {
        await this.publisher.publish(action);
        return;
      } catch {
        // Redis is away, or was too slow: the same action once more.
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** Reads the outcomes that came since the last time; resolves with how many are still to come. */
  async lookUp(): Promise<number> {
    const claims = new ActionClaims(this.cluster.client);
    const open = this.asked.filter(({ id }) => !this.outcomes.has(id));
    for (let at = 0; at < open.length; at += AT_ONCE) {
      const some = open.slice(at, at + AT_ONCE);
      const results = await Promise.all(some.map(({ id, self }) => claims.find(selfId(self), actionId(id))));
      for (const [place, result] of results.entries()) this.#note(String(some[place]?.id), result);
    }
    return this.asked.length - this.outcomes.size;
  }

  #note(id: string, result: ActionResult | undefined): void {
    if (result !== undefined) this.outcomes.set(id, result.outcome);
  }

  #seen({ self, text, at }: SentRecord): SeenSend | undefined {
    const id = /^ask-\d+$/.exec(text ?? '')?.[0];
    const action = id === undefined ? undefined : this.#actions.get(id);
    if (id === undefined || action === undefined) return undefined;
    const chat = chatOf(action);
    return { id, self, chat, lane: action.lane, kind: actionKind(action.name, chat), at };
  }
}
