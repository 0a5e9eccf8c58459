import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountConfig } from '@rookery/config';
import { PROFILES, type LimitsPatch } from '@rookery/pacing';
import {
  actionId,
  actionKind,
  chatOf,
  DEFAULT_POOL,
  SECOND,
  selfId,
  type Action,
  type Clock,
  type Lane,
  type Outcome,
  type SelfId,
} from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import { ActionClaims, connectRedis, ExpiredSends, OutgoingSends, type Redis } from '@rookery/redis';
import { seededRandom } from '@rookery/simulator';
import {
  balance,
  disordered,
  excesses,
  executedTwice,
  FakeClock,
  mostSendsWhile,
  startTestRedis,
  type SeenSend,
  type TestRedis,
} from '@rookery/testing';
import { Delivery } from './delivery';
import { LimitBook } from './limit-book';

const TIME_ZONE = 'Asia/Shanghai';
/** Midnight of the time zone is five minutes later. */
const START = Date.UTC(2026, 0, 1, 15, 55);
const SPAN = 600 * SECOND;
const FAILOVERS = [110, 250, 430].map((at) => START + at * SECOND);
const REDIS_RESTART = START + 520 * SECOND;
/** A dead node's lease and the takeover. */
const LEASE_MS = 7 * SECOND;
/** Nothing that is written to the receiver is read then; it goes on with all of it at once. A holder dies meanwhile, and the next one begins. */
const FROZEN = { from: START + 248 * SECOND, to: START + 258 * SECOND };
const CHATS = 16;
const ASKED = 380;

interface Account {
  readonly self: SelfId;
  readonly limits: LimitsPatch;
  /** Since today: its windows are four times as long. */
  readonly isYoung?: boolean;
}
const ACCOUNTS: readonly Account[] = [
  { self: selfId('10001'), limits: {} },
  { self: selfId('10002'), limits: { profile: 'cautious', warmUp: null } },
  {
    self: selfId('10003'),
    limits: {
      account: [
        { sends: 5, seconds: 5 },
        { sends: 30, seconds: 60 },
      ],
      gapSeconds: 0,
      jitterSeconds: [0, 0],
    },
  },
  { self: selfId('10004'), limits: {}, isYoung: true },
  { self: selfId('10005'), limits: { perDay: 40 } },
];

let redis: TestRedis;
let clock: FakeClock;
let underWay: number;
const clients: Redis[] = [];
beforeAll(async () => {
  redis = await startTestRedis({ alone: true, appendOnly: true });
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await redis.stop();
});

/**
 * A connection whose commands are counted while they are under way: a connector's, which gives up after a second, or the test's own, which
 * waits however busy the machine is.
 */
async function connect(whose: 'producer' | 'consumer'): Promise<Redis> {
  const client = await connectRedis(redis.url, whose, 'test', () => undefined);
  const send = client.sendCommand.bind(client);
  client.sendCommand = (...[command, ...rest]: Parameters<Redis['sendCommand']>) => {
    underWay += 1;
    const answered = () => (underWay -= 1);
    command.promise.then(answered, answered);
    return send(command, ...rest);
  };
  clients.push(client);
  return client;
}

/** Resolves when everything waits for time to pass. */
async function quiet(): Promise<void> {
  for (let calm = 0, turns = 0; calm < 3; calm++, turns++) {
    await (turns < 20 ? turn() : delay(1));
    if (underWay > 0) calm = 0;
  }
}

async function untilThen(end: number): Promise<void> {
  for (;;) {
    await quiet();
    const left = end - clock.now();
    if (left <= 0) return;
    clock.advance(Math.min(clock.nextIn ?? left, left));
  }
}

/** The receiver: stamps what reaches it, which takes up to 20 ms unless it is frozen, and answers after a while. */
class Receiver {
  readonly seen: SeenSend[] = [];
  /** Of what it had not read when it went on, the most of one account. */
  mostAtOnce = 0;
  readonly #unread = new Map<SelfId, number>();
  readonly #random = seededRandom(7);

  constructor(private readonly asked: ReadonlyMap<unknown, Action>) {}

  caller(ofSender: Clock): ConstructorParameters<typeof Delivery>[0]['caller'] {
    const frozenMs = (): number => (clock.now() < FROZEN.from ? 0 : Math.max(0, FROZEN.to - clock.now()));
    return {
      caughtUp: () => new Promise((resolve) => void ofSender.after(frozenMs(), resolve)),
      call: (_self, _name, params, { onRead }) => {
        const action = this.asked.get(params['nonce']);
        if (action === undefined) throw new Error('nobody asked for that');
        const chat = chatOf(action);
        const text = textOf(action);
        const { id, self, lane, name } = action;
        const waitMs = frozenMs();
        const at = clock.now() + waitMs + this.#random() * 20;
        if (waitMs > 0)
          this.mostAtOnce = Math.max(
            this.mostAtOnce,
            this.#unread.set(self, (this.#unread.get(self) ?? 0) + 1).get(self) ?? 0,
          );
        ofSender.after(Math.ceil(at - clock.now()), () => onRead?.());
        this.seen.push({ id, self, lane, chat, kind: actionKind(name, chat), at, ...(text !== undefined && { text }) });
        const reply = {
          status: 'ok',
          retcode: 0,
          data: { message_id: 1 },
          message: '',
          echo: 'x',
          stream: false,
        } as const;
        return new Promise((resolve) =>
          ofSender.after(waitMs + 50 + Math.floor(this.#random() * 1_500), () => resolve({ kind: 'replied', reply })),
        );
      },
    };
  }
}

/** One connector process: when it is killed, nothing of it happens any more. */
class Connector {
  readonly delivery: Delivery;
  #isDead = false;
  readonly #clock: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, call) => clock.after(ms, () => (this.#isDead ? undefined : call())),
  };

  private constructor(
    private readonly client: Redis,
    private readonly epoch: number,
    receiver: Receiver,
  ) {
    const claims = new ActionClaims(client);
    this.delivery = new Delivery({
      backend: new SharedQueueBackend(client),
      claims: {
        claim: (...asked) => claims.claim(...asked),
        record: (result) => claims.record(result),
        release: (...asked) => claims.release(...asked),
        endUnbegun: (result) => claims.endUnbegun(result),
        claimed: () => undefined,
      },
      caller: receiver.caller(this.#clock),
      epochOf: () => (this.#isDead ? undefined : epoch),
      sends: new OutgoingSends(client, () => clock.now()),
      expired: new ExpiredSends(client, () => clock.now()),
      limits: new LimitBook({
        config: { limits: { profile: 'default', timeZone: TIME_ZONE, conversations: {} }, pools: {} },
        overrides: { all: async () => ({ version: 1, layers: [] }), version: async () => 1 },
        accounts: () => ACCOUNTS.map(configured),
        clock: this.#clock,
      }),
      accountOf: (self) => ACCOUNTS.map(configured).find((account) => account.selfId === self),
      clock: this.#clock,
      random: seededRandom(epoch),
      holds: { of: () => undefined, onChanged: () => undefined },
    });
  }

  static async takeOver(epoch: number, receiver: Receiver): Promise<Connector> {
    const started = new Connector(await connect('producer'), epoch, receiver);
    for (const { self } of ACCOUNTS) {
      await new ActionClaims(started.client).raiseFence(self, epoch);
      await started.delivery.add(self);
      started.delivery.linkUp(self);
    }
    return started;
  }

  kill(): void {
    this.#isDead = true;
    this.client.disconnect();
  }

  /** Nothing of what it asks for is answered until Redis is back. */
  async redisBack(): Promise<void> {
    if (this.client.status !== 'ready') await new Promise<void>((resolve) => this.client.once('ready', resolve));
  }
}

function configured({ self, limits, isYoung = false }: Account): AccountConfig {
  const since = isYoung ? { since: '2026-01-01' } : {};
  return { selfId: self, pool: DEFAULT_POOL, mode: 'forward', url: 'ws://127.0.0.1:1', limits, ...since };
}

const random = seededRandom(11);
const below = (count: number): number => Math.floor(random() * count);

function wish(self: SelfId, n: number): Action {
  const [name, params] = deed(n);
  const lane = (['interactive', 'normal', 'bulk'] as const)[below(3)] ?? 'normal';
  return {
    v: 1,
    id: actionId(`${self}-${n}`),
    self,
    name,
    params: { ...params, nonce: `${self}-${n}` },
    lane: lane satisfies Lane,
    createdAt: START,
    expiresAt: START + 2 * SPAN,
    origin: { plugin: 'test' },
  };
}

/** Mostly messages, of which every tenth says the same, and some of everything else. */
function deed(n: number): [name: string, params: Readonly<Record<string, unknown>>] {
  const [group, user, chance] = [String(700 + below(CHATS)), String(9000 + below(CHATS)), random()];
  const text = random() < 0.1 ? 'hello everybody' : `message ${n}`;
  const message = [{ type: 'text', data: { text } }];
  if (chance < 0.6) return ['send_group_msg', { group_id: group, message }];
  if (chance < 0.8) return ['send_private_msg', { user_id: user, message }];
  if (chance < 0.85) return ['upload_group_file', { group_id: group, file: 'https://example.org/a', name: 'a' }];
  if (chance < 0.9) return ['group_poke', { group_id: group, user_id: user }];
  if (chance < 0.95) return ['set_group_card', { group_id: group, user_id: user, card: `card ${n}` }];
  return ['mark_group_msg_as_read', { group_id: group }];
}

function textOf({ params }: Action): string | undefined {
  const [segment] = (params['message'] as { data: { text: string } }[] | undefined) ?? [];
  return segment?.data.text;
}

describe('ten minutes of sending, with three failovers, a frozen receiver and a restart of Redis', () => {
  const asked = new Map<unknown, Action>();
  const receiver = new Receiver(asked);
  const outcomes = new Map<string, Outcome>();
  let inFlightAtDeaths = 0;
  let inFlightAtRestart = 0;

  beforeAll(async () => {
    underWay = 0;
    clock = new FakeClock(START);
    const client = await connect('consumer');
    let connector: Connector | undefined;
    const publisher = new ActionPublisher(new SharedQueueBackend(client), (selves) => connector?.delivery.wake(selves));
    for (let n = 0; n < ASKED; n++) {
      const round = ACCOUNTS.map(({ self }) => wish(self, n));
      for (const action of round) asked.set(action.params['nonce'], action);
      await Promise.all(round.map((action) => publisher.publish(action)));
    }
    connector = await Connector.takeOver(1, receiver);
    for (const [at, death] of FAILOVERS.entries()) {
      await untilThen(death);
      inFlightAtDeaths += (await ended(client)).open;
      connector.kill();
      await untilThen(death + LEASE_MS);
      connector = await Connector.takeOver(at + 2, receiver);
    }
    await untilThen(REDIS_RESTART);
    inFlightAtRestart = (await ended(client)).open;
    process.kill(redis.pid, 'SIGKILL');
    await new Promise<void>((resolve) => client.once('close', resolve));
    await untilThen(REDIS_RESTART + 3 * SECOND);
    await redis.restart();
    await connector.redisBack();
    await untilThen(START + SPAN);
    connector.kill();
    if (client.status !== 'ready') await new Promise<void>((resolve) => client.once('ready', resolve));
    for (const [id, outcome] of (await ended(client)).outcomes) outcomes.set(id, outcome);
  }, 180_000);

  async function ended(client: Redis): Promise<{ outcomes: Map<string, Outcome>; open: number }> {
    const claims = new ActionClaims(client);
    const found = new Map<string, Outcome>();
    for (const { self, id } of asked.values()) {
      const result = await claims.find(self, id);
      if (result) found.set(id, result.outcome);
    }
    const open = await Promise.all(ACCOUNTS.map(({ self }) => claims.open(self)));
    return { outcomes: found, open: open.flat().length };
  }

  it.each(ACCOUNTS)('keeps every window of every layer of account $self', ({ self, limits, isYoung = false }) => {
    const settings = { ...PROFILES[limits.profile ?? 'default'], ...limits };
    const counting = { timeZone: TIME_ZONE, ...(isYoung && { slow: 4 }) };
    const sends = receiver.seen.filter((send) => send.self === self);
    expect(excesses(sends, settings, counting)).toEqual([]);
    const paced = sends.filter(({ kind }) => kind !== 'other');
    const days = settings.perDay === null || isYoung ? Number.POSITIVE_INFINITY : 2 * settings.perDay;
    const spans = [
      { from: 0, to: FROZEN.from - START },
      { from: FROZEN.to - START, to: SPAN },
    ];
    const most = Math.min(mostSendsWhile(settings, spans, counting.slow), days);
    expect(paced.length / most).toBeGreaterThanOrEqual(0.95);
  });

  it('writes one send at most to a receiver that reads nothing', () => {
    expect(receiver.mostAtOnce).toBe(1);
  });

  it('carries nothing out twice, keeps the order of each chat and lane, and every outcome is true', () => {
    const all = [...asked.values()].map((action) => ({ ...action, chat: chatOf(action) }));
    const begun = new Set(receiver.seen.map(({ id }) => id));
    const { withoutOutcome, toldWrongly, outcomes: counts } = balance(all, outcomes, receiver.seen);
    expect(executedTwice(receiver.seen)).toEqual([]);
    expect(disordered(all, receiver.seen)).toEqual([]);
    expect(toldWrongly).toEqual([]);
    // What waits has none yet; of what was begun only that which is under way now.
    expect(withoutOutcome.filter((id) => begun.has(id as never)).length).toBeLessThanOrEqual(4 * ACCOUNTS.length);
    expect(inFlightAtDeaths).toBeGreaterThan(0);
    expect(counts.unknown).toBeGreaterThanOrEqual(inFlightAtDeaths);
    expect(counts.unknown).toBeLessThanOrEqual(inFlightAtDeaths + inFlightAtRestart);
  });
});
