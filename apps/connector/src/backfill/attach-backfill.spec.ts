import { afterEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, nodeId, selfId, systemClock, type Event } from '@rookery/protocol';
import { EndpointHost, seededRandom, World } from '@rookery/simulator';
import { eventually } from '@rookery/testing';
import { Intake } from '../intake/intake';
import { Links } from '../link/links';
import { attachBackfill } from './attach-backfill';
import type { SeenGroup } from './sequence-memory';

const [SELF, LIN, GROUP] = ['3889000001', '1500000021', '712345678'];
const self = selfId(SELF);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** One account behind a simulated NapCat, its link, intake and gap filling, over a real socket. */
async function setUp(settings: { enabled?: boolean; ofAccount?: boolean } = {}) {
  const clock = systemClock;
  const world = new World({ clock, random: seededRandom(1) });
  world.directory.addAccount(SELF, '小助手');
  world.directory.addUser(LIN, 'Lin');
  world.directory.addGroup(GROUP, '晚风小组');
  for (const member of [LIN, SELF]) world.directory.join(GROUP, member, { role: member === SELF ? 'admin' : 'member' });
  const host = new EndpointHost({ world, clock });
  await host.listen();
  host.add(SELF);
  const links = new Links({ clock, random: () => 0 });
  const intake = new Intake({ partitions: 1, node: nodeId('c-1'), clock, sink: { publish: async () => {} } });
  const events: Event[] = [];
  intake.on('accepted', (event) => events.push(event));
  links.on('event', (account, frame, _bytes, connection) => {
    intake.accept(account, DEFAULT_POOL, frame, { connection });
  });
  const saved: SeenGroup[] = [];
  const loaded: string[] = [];
  const backfill = attachBackfill({
    links,
    intake,
    clock,
    store: {
      load: async (account) => {
        loaded.push(account);
        return [];
      },
      save: async (seen) => void saved.push(...[...seen.values()].flat()),
    },
    settings: { enabled: settings.enabled ?? true, maxAgeMinutes: 10 },
    accountOf: () => ({
      pool: DEFAULT_POOL,
      ...(settings.ofAccount !== undefined && { backfill: settings.ofAccount }),
    }),
  });
  ends.push(
    () => host.close(),
    () => backfill.close(),
    () => links.close(),
  );
  const add = () => links.add({ selfId: self, pool: DEFAULT_POOL, mode: 'forward', url: host.url(SELF) });
  const online = () => eventually('online', () => links.status(self)?.state === 'online');
  const say = (text: string) => world.say(LIN, { group: GROUP }, text);
  const messages = () => events.flatMap((event) => (event.type === 'message' ? [event] : []));
  return { world, host, links, backfill, events, messages, add, online, say, saved, loaded };
}

/** The account hears a message, loses its NapCat, misses a message and an application, and is back. */
async function interrupted(settings: Parameters<typeof setUp>[0] = {}) {
  const made = await setUp(settings);
  const { world, host, links, events, messages, add, online, say } = made;
  add();
  await online();
  say('before');
  await eventually('the first message', () => messages().length === 1);
  host.endpoint(SELF).stop();
  await eventually('the loss', () => links.status(self)?.state === 'connecting');
  say('missed');
  world.requests.groupAdd(GROUP, LIN, '请通过');
  host.endpoint(SELF).start();
  await online();
  say('after');
  const isThere = (text: string) => eventually(text, () => messages().some((event) => event.text === text));
  const request = () => events.find(({ type }) => type === 'request');
  await isThere('after');
  return { ...made, isThere, request };
}

describe('filling gaps, before a simulated NapCat', () => {
  it('brings what was said and asked while the link was down, marked as filled', async () => {
    const { messages, isThere, request, backfill, saved, loaded } = await interrupted();
    await isThere('missed');
    await eventually('the application', () => request() !== undefined);
    expect(messages().map(({ text, filled }) => [text, filled])).toEqual([
      ['before', undefined],
      ['after', undefined],
      ['missed', true],
    ]);
    expect(request()).toMatchObject({ kind: 'group.add', userId: LIN, comment: '请通过', filled: true });
    expect(loaded).toEqual([SELF, SELF]);
    await backfill.close();
    expect(saved).toMatchObject([{ groupId: GROUP, seq: Number(messages()[1]?.seq) }]);
  });

  it.each([
    ['for all accounts', { enabled: false }],
    ['for this one', { ofAccount: false }],
  ])('leaves history alone where it is switched off %s', async (_which, settings) => {
    const { loaded } = await interrupted(settings);
    expect(loaded).toEqual([]);
  });
});
