import { appendFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '@rookery/config';
import { eventId, type MessageEvent, type Random } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { said, stage } from './spec-stage';

/** 100,000 take half a minute; ROOKERY_TEST_MESSAGES sets another number. */
const MESSAGES = Number(readEnvironment()['ROOKERY_TEST_MESSAGES'] ?? 20_000);
const GROUPS = 20;
const EVERY_MS = 5;
const MAX_SKEW_MS = 2_000;
const STEP_MS = 10;
const GRACE_MS = 1_500;

/** For `npm run resilience:events`, which prints them. */
function figure(name: string, value: number, unit = '', goal?: { readonly atMost: number }): void {
  const file = readEnvironment()['RESILIENCE_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name: `copies: ${name}`, value, unit, goal })}\n`);
}

interface Copy {
  readonly message: number;
  readonly event: MessageEvent;
  readonly dueMs: number;
}

/** mulberry32: the same numbers in every run. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TEXTS = ['/ping', '/ping', '好', '/roll 6', ''] as const;

/**
 * What the accounts of a pool see of people talking: every account hears a group in order, each up to two seconds late. Every
 * third message repeats the one before, by the same person in the same second; every tenth is a picture, whose address differs;
 * in every tenth group the implementation tells no sequence number.
 */
function copies(accounts: readonly string[], random: Random, start: number): Copy[] {
  const all: Copy[] = [];
  const heardUntil = new Map<string, number>();
  let [group, from, text] = ['0', '0', ''];
  for (let message = 0; message < MESSAGES; message++) {
    const saidMs = message * EVERY_MS;
    if (message % 3 !== 0 || message === 0) {
      group = String(7_000 + Math.floor(random() * GROUPS));
      from = String(50_000 + Math.floor(random() * 500));
      text = TEXTS[Math.floor(random() * TEXTS.length)] ?? '';
    }
    const bare = Number(group) % 10 === 0;
    for (const account of accounts) {
      const line = `${account} ${group}`;
      const dueMs = Math.max(heardUntil.get(line) ?? 0, saidMs + random() * MAX_SKEW_MS);
      heardUntil.set(line, dueMs);
      const event = said({ account, group, from, text, seq: bare ? null : String(message + 1) });
      const url = `https://gchat.qpic.cn/${message}?rkey=${account}`;
      const picture = { type: 'image', data: { url, file: `${account}-${message}` } };
      all.push({
        message,
        dueMs,
        event: {
          ...event,
          id: eventId(`m.${account}.g${group}.s${message + 1}`),
          time: start + Math.floor(saidMs / 1000) * 1000,
          segments: message % 10 === 0 ? [...event.segments, picture] : event.segments,
        },
      });
    }
  }
  return all.sort((a, b) => a.dueMs - b.dueMs);
}

async function run(accounts: readonly string[], options: { readonly goesOfflineAtMs?: number } = {}) {
  const clock = new FakeClock();
  const { sut, started, offline } = stage({ clock, instant: true });
  const all = copies(accounts, seeded(accounts.length), clock.now());
  const messageOf = new Map(all.map(({ event, message }) => [event.id as string, message]));
  const groupOf = new Map(all.map(({ event, message }) => [message, event.conversation]));
  const firstHeard = new Map<number, number>();
  let [next, counted, longestMs] = [0, 0, 0];
  const answers = new Map<number, number>();
  const lastOf = new Map<string, number>();
  let [disorder, reasons] = [0, new Set<string>()];
  sut.on('settled', (_event, settled) => {
    if ('reason' in settled) reasons.add(settled.reason);
  });
  const count = (): void => {
    for (; counted < started.length; counted++) {
      const message = messageOf.get(started[counted] ?? '') ?? -1;
      answers.set(message, (answers.get(message) ?? 0) + 1);
      longestMs = Math.max(longestMs, clock.monotonic() - (firstHeard.get(message) ?? 0));
      const group = groupOf.get(message) ?? '';
      if (message < (lastOf.get(group) ?? -1)) disorder += 1;
      lastOf.set(group, message);
    }
  };
  while (next < all.length || sut.active > 0) {
    await clock.advanceAsync(STEP_MS);
    count();
    const now = clock.monotonic();
    const gone = options.goesOfflineAtMs !== undefined && now >= options.goesOfflineAtMs;
    // The loss is noticed half a second later.
    if (gone && now >= (options.goesOfflineAtMs ?? 0) + 500) offline.add(accounts[0] ?? '');
    for (let copy = all[next]; copy && copy.dueMs <= now; copy = all[++next]) {
      if (gone && copy.event.self === accounts[0]) continue;
      if (!firstHeard.has(copy.message)) firstHeard.set(copy.message, now);
      void sut.deliver({ ...copy.event, receivedAt: clock.now() });
    }
  }
  count();
  await sut.drain();
  return {
    lost: firstHeard.size - answers.size,
    twice: [...answers.values()].filter((times) => times > 1).length,
    disorder,
    longestMs,
    heard: firstHeard.size,
    reasons: [...reasons],
  };
}

describe('group messages that several accounts see, up to two seconds apart', () => {
  it.each([
    ['1 account', ['10001']],
    ['2 accounts', ['10001', '10002']],
    ['4 accounts', ['10001', '10002', '10003', '10004']],
  ])(
    '%s: none is lost, none is answered twice, all are in order',
    async (name, accounts) => {
      const { longestMs, reasons, ...figures } = await run(accounts);
      figure(`${name}: messages heard`, figures.heard);
      figure(`${name}: lost`, figures.lost, '', { atMost: 0 });
      figure(`${name}: answered twice`, figures.twice, '', { atMost: 0 });
      figure(`${name}: out of order`, figures.disorder, '', { atMost: 0 });
      figure(`${name}: longest wait for a copy`, longestMs, 'ms', { atMost: GRACE_MS + STEP_MS });
      expect(figures).toEqual({ lost: 0, twice: 0, disorder: 0, heard: MESSAGES });
      expect(reasons).toEqual(accounts.length === 1 ? [] : ['copy']);
      expect(longestMs).toBeLessThanOrEqual(GRACE_MS + STEP_MS);
    },
    300_000,
  );

  it('the assignee goes offline in the middle: siblings answer, each message within the grace time', async () => {
    const goesOfflineAtMs = (MESSAGES * EVERY_MS) / 2;
    const { longestMs, heard, reasons, ...figures } = await run(['10001', '10002', '10003'], { goesOfflineAtMs });
    figure('assignee goes offline: lost', figures.lost, '', { atMost: 0 });
    figure('assignee goes offline: answered twice', figures.twice, '', { atMost: 0 });
    figure('assignee goes offline: longest wait for an answer', longestMs, 'ms', { atMost: GRACE_MS + STEP_MS });
    expect(figures).toEqual({ lost: 0, twice: 0, disorder: 0 });
    expect([heard, reasons]).toEqual([MESSAGES, ['copy']]);
    expect(longestMs).toBeLessThanOrEqual(GRACE_MS + STEP_MS);
  }, 300_000);
});
