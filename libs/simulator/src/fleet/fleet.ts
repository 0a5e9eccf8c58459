import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '@rookery/protocol';
import type { EndpointOptions } from '../endpoint/endpoint';
import { EndpointHost } from '../endpoint/endpoint-host';
import { naturalCost } from '../endpoint/natural-cost';
import { seededRandom } from '../random';
import { World } from '../world/world';
import { Chatter } from './chatter';
import { BOT_NAMES, GROUP_NAMES, PEOPLE } from './small-talk';

const FIRST_ACCOUNT = 3_889_000_001;
const FIRST_GROUP = 712_345_678;
const FIRST_USER = 1_500_000_021;

export interface FleetOptions {
  readonly accounts: number;
  readonly groups: number;
  /** How many of the accounts are in each group, default all up to 5. */
  readonly accountsPerGroup?: number;
  /** People in each group besides our accounts, default 12. */
  readonly people?: number;
  /** Messages per second over all groups once the chatter is resumed, default 2. */
  readonly rate?: number;
  readonly seed?: number;
  readonly clock?: Clock;
  /** Port of the shared forward server, default any free one. */
  readonly port?: number;
  /** When given, every third account dials this address instead of being dialled. */
  readonly reverseUrl?: string;
  /** Fixed wait between dials, milliseconds, default 5000 as in NapCat. */
  readonly reconnectMs?: number;
  /** One token for all accounts; by default each has a random one of its own. */
  readonly token?: string;
  /** Milliseconds, default 30000. */
  readonly heartbeatMs?: number;
  /** Differences from a plain NapCat. Unless `costMs` is given, sends take 5 to 25 ms before they are answered. */
  readonly endpoint?: Omit<EndpointOptions, 'token'>;
}

/** How to reach one account of the fleet. */
export type FleetAccount =
  | { readonly selfId: string; readonly mode: 'forward'; readonly url: string; readonly token: string }
  | { readonly selfId: string; readonly mode: 'reverse'; readonly token: string };

/** Accounts 3889000001…, groups 712345678… and people 1500000021…, with endpoints that listen or dial. */
export class Fleet {
  private constructor(
    readonly world: World,
    readonly host: EndpointHost,
    readonly accounts: readonly FleetAccount[],
    /** Paused until somebody resumes it. */
    readonly chatter: Chatter,
  ) {}

  static async start(options: FleetOptions): Promise<Fleet> {
    const clock = options.clock ?? systemClock;
    const seed = options.seed ?? 1;
    const world = new World({ clock, random: seededRandom(seed) });
    const selves = populate(world, options);
    const { heartbeatMs, reverseUrl } = options;
    const host = new EndpointHost({ world, clock, ...(heartbeatMs !== undefined && { heartbeatMs }) });
    await host.listen(options.port ?? 0);
    const costMs = naturalCost(seededRandom(seed + 2));
    const accounts = selves.map((selfId, index): FleetAccount => {
      const token = options.token ?? randomBytes(16).toString('hex');
      host.add(selfId, { costMs, ...options.endpoint, token });
      if (reverseUrl === undefined || index % 3 !== 2) return { selfId, mode: 'forward', url: host.url(selfId), token };
      host.dial(selfId, { url: reverseUrl, reconnectMs: options.reconnectMs ?? 5000 });
      return { selfId, mode: 'reverse', token };
    });
    const chatter = new Chatter({ world, clock, random: seededRandom(seed + 1), rate: options.rate ?? 2 });
    return new Fleet(world, host, accounts, chatter);
  }

  async close(): Promise<void> {
    this.chatter.pause();
    await this.host.close();
  }
}

function populate(world: World, options: FleetOptions): string[] {
  const { directory } = world;
  const selves = Array.from({ length: options.accounts }, (_, index) => {
    const name = BOT_NAMES[index % BOT_NAMES.length] ?? '';
    return directory.addAccount(String(FIRST_ACCOUNT + index), index < BOT_NAMES.length ? name : `${name}${index + 1}`)
      .self;
  });
  const users = PEOPLE.map((name, index) => {
    const userId = String(FIRST_USER + index);
    directory.addUser(userId, name);
    return userId;
  });
  for (const self of selves) directory.befriend(self, users[0] ?? self);
  const people = Math.max(1, Math.min(options.people ?? 12, users.length));
  const share = Math.min(options.accountsPerGroup ?? 5, selves.length);
  for (let index = 0; index < options.groups; index++) {
    const name = GROUP_NAMES[index % GROUP_NAMES.length] ?? '';
    const { groupId } = directory.addGroup(
      String(FIRST_GROUP + index),
      index < GROUP_NAMES.length ? name : `${name} ${index + 1}`,
    );
    for (let place = 0; place < people; place++) {
      const userId = users[(index * 5 + place) % users.length];
      if (userId !== undefined) directory.join(groupId, userId, { role: place === 0 ? 'owner' : 'member' });
    }
    for (let place = 0; place < share; place++) {
      const self = selves[(index * share + place) % selves.length];
      if (self !== undefined) directory.join(groupId, self, { role: place === 0 ? 'admin' : 'member' });
    }
  }
  return selves;
}
