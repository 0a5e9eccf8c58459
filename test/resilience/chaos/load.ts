import { broadcastId, checkBroadcast, systemClock, type Random } from '@rookery/protocol';
import { Broadcasts } from '@rookery/redis';
import { Asker } from '../support/asker';
import { FRIENDS, PARTITIONS } from '../support/cluster';
import type { Ledger } from './ledger';
import { isWithin, type Interval } from './model';
import type { Stage } from './stage';

const TICK_MS = 25;
/** Each second, of each account, so that limits are felt and no queue grows without end. */
const CHATTER = 0.3;
const QUESTIONS = 0.15;
const DIRECT = 0.15;
const BROADCAST_EVERY_MS = 20_000;
const BROADCAST_GROUPS = 5;
const LIFE_MS = 60_000;
const AGAIN_MS = 500;
const LANES = ['interactive', 'normal', 'bulk'] as const;

export interface StartedBroadcast {
  readonly id: string;
  readonly text: string;
  /** When Redis said that it has it. */
  storedAt?: number;
}

/** People who chatter and ask, actions asked for directly, and a few broadcasts, at a steady rate until it is ended. */
export class Load {
  readonly broadcasts: StartedBroadcast[] = [];
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #done = { chatter: 0, questions: 0, direct: 0, broadcasts: 0 };
  /** Per account one after the other: that is the order in which they were asked for. */
  readonly #asking = new Map<string, Promise<void>>();
  readonly #creating: Promise<void>[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly ledger: Ledger,
    private readonly asker: Asker,
    private readonly random: Random,
  ) {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Those that Redis cannot have forgotten. */
  kept(forgotten: readonly Interval[]): StartedBroadcast[] {
    return this.broadcasts.filter(({ storedAt = Number.NaN }) => !isWithin(forgotten, storedAt));
  }

  /** No more is asked for; resolves when all that was has been stored. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#asking.values(), ...this.#creating]);
  }

  #tick(): void {
    const elapsed = performance.now() - this.#begun;
    const each = (elapsed / 1000) * this.stage.selves.length;
    for (; this.#done.chatter < each * CHATTER; this.#done.chatter += 1) {
      const group = this.#pick(this.#groups());
      this.ledger.chat(this.#pick(this.#people(group)), { group });
    }
    for (; this.#done.questions < each * QUESTIONS; this.#done.questions += 1) this.#question();
    for (; this.#done.direct < each * DIRECT; this.#done.direct += 1) this.#act();
    for (; this.#done.broadcasts < elapsed / BROADCAST_EVERY_MS; this.#done.broadcasts += 1) this.#broadcast();
  }

  #question(): void {
    if (this.random() < 0.5) {
      const group = this.#pick(this.#groups());
      this.ledger.question(this.#pick(this.#people(group)), { group });
    } else this.ledger.question(this.#pick(FRIENDS), { private: this.#pick(this.stage.selves) });
  }

  #act(): void {
    const self = this.#pick(this.stage.selves);
    const own = [...(this.stage.cluster.fleet.world.directory.account(self).groups ?? [])];
    const to = this.random() < 0.5 && own.length > 0 ? { group: this.#pick(own) } : { user: this.#pick(FRIENDS) };
    const message = { self, to, lane: this.#pick(LANES), expiresInMs: LIFE_MS };
    const before = this.#asking.get(self) ?? Promise.resolve();
    this.#asking.set(
      self,
      before.then(() => this.asker.ask(message)),
    );
  }

  #broadcast(): void {
    const n = this.broadcasts.length;
    const text = `broadcast ${n}`;
    const id = broadcastId(`chaos${String(n).padStart(6, '0')}`);
    const groups = this.#groups().slice(0, BROADCAST_GROUPS);
    const request = checkBroadcast({ to: { groups }, message: text, expiresSeconds: 120, spreadSeconds: 5 });
    const started: StartedBroadcast = { id, text };
    this.broadcasts.push(started);
    const { client } = this.stage.cluster;
    const store = new Broadcasts({ redis: client, partitions: PARTITIONS, clock: systemClock });
    const create = async (): Promise<void> => {
      for (;;) {
        try {
          await store.create(id, request, 'console');
          started.storedAt = Date.now();
          return;
        } catch {
          // Redis is away; the same id again is the same broadcast.
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
      }
    };
    this.#creating.push(create());
  }

  #groups(): string[] {
    return [...this.stage.cluster.fleet.world.directory.groups.keys()];
  }

  #people(group: string): string[] {
    const { directory } = this.stage.cluster.fleet.world;
    return [...directory.group(group).members.keys()].filter((userId) => !directory.accounts.has(userId));
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }
}
