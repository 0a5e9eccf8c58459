import { afterEach, expect } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountStatus } from '@rookery/protocol';
import { eventually, FakeClock, ScriptedNapcat } from '@rookery/testing';
import type { LinkLimits } from './limits';
import { Links } from './links';

/** What the specs of forward links are about: one account, and what its links say of it. */
export const SELF = selfId('10001');

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Done after the test, in this order. */
export const atEnd = (end: () => Promise<void>): void => void ends.push(end);

/** Links that are closed after the test, which must leave no timer. */
export function started(random = () => 0.5, limits: Partial<LinkLimits> = {}) {
  const clock = new FakeClock();
  const links = new Links({ clock, random, limits });
  const statuses: AccountStatus[] = [];
  const reconnects: [string, number][] = [];
  const problems: string[] = [];
  links.on('status', (status) => statuses.push(status));
  links.on('reconnecting', (_self, reason, delayMs) => reconnects.push([reason, delayMs]));
  links.on('rejected', (_self, problem) => problems.push(problem));
  atEnd(async () => {
    await links.close();
    expect(clock.pending).toBe(0);
  });
  const states = () => statuses.map(({ state }) => state);
  const reached = (state: string) => eventually(`state ${state}`, () => links.status(SELF)?.state === state);
  const reason = () => links.status(SELF)?.reason ?? '';
  const add = (url: string, token?: { reveal(): string }) =>
    links.add({ selfId: SELF, pool: DEFAULT_POOL, mode: 'forward', url, ...(token && { token }) });
  const reconnecting = (n: number) => eventually(`${n} reconnects`, () => reconnects.length === n);
  return { clock, links, states, reached, reason, reconnects, reconnecting, problems, add };
}

export async function napcat(self = '10001', port = 0): Promise<ScriptedNapcat> {
  const server = await ScriptedNapcat.start(self, port);
  atEnd(() => server.close());
  return server;
}
