import type { RookeryConfig } from '@rookery/config';
import {
  dayOf,
  quietForMs,
  slowness,
  windowMs,
  type LimitSettings,
  type LimitsInForce,
  type LimitSource,
  type Rate,
} from '@rookery/pacing';
import { ACTION_KINDS, type AccountState, type ActionKind, type SelfId } from '@rookery/protocol';
import type { AccountRegistry, HoldMemories, OutgoingSends, StoredHolds, WaitingSends } from '@rookery/redis';
import type { AccountView, ClusterControl } from './cluster-control';
import type { LimitControl } from './limit-control';

/** One window that the account keeps, and how much of it is used. */
export interface UsedWindow {
  readonly of: 'account' | `kind:${ActionKind}`;
  readonly sends: number;
  /** As it holds now: longer than what was set while the account is young. */
  readonly seconds: number;
  readonly used: number;
  readonly source: LimitSource;
}

/** Sends of this calendar day; `endsAt` in ms since 1970. */
export interface UsedDay {
  readonly used: number;
  readonly most: number;
  readonly endsAt: number;
  readonly source: LimitSource;
}

/** One thing that keeps sends back now. Times in ms since 1970. */
export type WaitReason =
  /** No connection on which it could send, or it is not to send. */
  | { readonly kind: 'state'; readonly state: AccountState; readonly text: string }
  /** Sends failed in a row. `of`: `account`, `groups` or a chat. */
  | { readonly kind: 'breaker'; readonly of: string; readonly until: number }
  | { readonly kind: 'muted'; readonly chat: string; readonly until: number }
  | { readonly kind: 'cold_start' | 'quiet_hours'; readonly until: number }
  | { readonly kind: 'gap'; readonly until: number }
  | { readonly kind: 'window'; readonly window: UsedWindow }
  | { readonly kind: 'day'; readonly day: UsedDay }
  /** One chat alone; `why` is `conversation`, `repeats`, `muted` or `breaker`. */
  | ({ readonly kind: 'chat' } & WaitingSends['held'][number]);

/** What waits for an account, and everything that is known to keep it back. */
export interface AccountWhy {
  readonly account: Pick<AccountView, 'self' | 'state' | 'wanted' | 'reason' | 'node'>;
  /** ms since 1970 by the clock of Redis. */
  readonly now: number;
  readonly profile: LimitsInForce['profile'];
  /** How many times longer everything takes since the account is young; 1: at full speed. */
  readonly slow: number;
  readonly lanes: WaitingSends['lanes'];
  readonly windows: readonly UsedWindow[];
  readonly day?: UsedDay;
  /** What concerns the whole account comes first; chats, at most 100, come last. */
  readonly reasons: readonly WaitReason[];
}

export interface WhyControlOptions {
  readonly control: Pick<ClusterControl, 'status'>;
  readonly limits: Pick<LimitControl, 'inForce'>;
  readonly registry: Pick<AccountRegistry, 'all'>;
  readonly sends: Pick<OutgoingSends, 'explain'>;
  readonly holds: Pick<HoldMemories, 'load'>;
  readonly config: Pick<RookeryConfig, 'limits'>;
}

/** Why what an account shall send is still waiting. Reads only; nothing that sends depends on it. */
export class WhyControl {
  constructor(private readonly options: WhyControlOptions) {}

  /** Throws ACCOUNT_UNKNOWN. */
  async why(self: SelfId): Promise<AccountWhy> {
    const { control, limits, registry, sends, holds, config } = this.options;
    const [account, inForce, registered, first, stored] = await Promise.all([
      control.status(self),
      limits.inForce(self),
      registry.all(),
      sends.explain(self, []),
      holds.load(self),
    ]);
    const since = registered.find(({ selfId }) => selfId === self)?.since;
    const seen = inForce.profile === 'cautious' ? first.firstSeen : undefined;
    const slow = slowness(inForce.settings, first.now, since === undefined ? seen : Date.parse(since));
    const kept = windowsOf(inForce, slow);
    // Which windows there are is known only now, since a young account's are longer.
    const waiting = await sends.explain(
      self,
      kept.map(({ of, ms }) => ({ log: of, ms })),
    );
    const windows = kept.map(({ of, sends: most, seconds, source }, at) => {
      return { of, sends: most, seconds, used: waiting.used[at]?.sends ?? 0, source };
    });
    const day = dayUsed(inForce, slow, waiting, config.limits.timeZone);
    const { state, wanted, reason, node } = account;
    return {
      account: { self, state, wanted, reason, ...(node !== undefined && { node }) },
      now: waiting.now,
      profile: inForce.profile,
      slow,
      lanes: waiting.lanes,
      windows,
      ...(day && { day }),
      reasons: [
        ...ofState(account),
        ...ofHolds(stored, waiting.now),
        ...ofPace(inForce.settings, waiting, config.limits.timeZone),
        ...windows
          .filter(({ used, sends: most }) => used >= most)
          .map((window) => ({ kind: 'window', window }) as const),
        ...(day !== undefined && day.used >= day.most ? [{ kind: 'day', day } as const] : []),
        ...waiting.held.filter(({ until }) => until > waiting.now).map((held) => ({ kind: 'chat', ...held }) as const),
      ],
    };
  }
}

/** A deaf account hears nothing, but sends. */
function ofState({ state, reason: text }: AccountView): WaitReason[] {
  return state === 'online' || state === 'deaf' ? [] : [{ kind: 'state', state, text }];
}

function ofHolds(holds: StoredHolds | undefined, now: number): WaitReason[] {
  if (holds === undefined) return [];
  const breakers = holds.breakers.map(([of, { until }]) => ({ kind: 'breaker', of, until }) as const);
  const mutes = holds.mutes.map(([chat, until]) => ({ kind: 'muted', chat, until }) as const);
  const wide = (of: string) => Number(of !== 'account') + Number(of !== 'account' && of !== 'groups');
  breakers.sort((a, b) => wide(a.of) - wide(b.of));
  return [...breakers, ...mutes].filter(({ until }) => until > now);
}

function ofPace(settings: LimitSettings, { now, shutUntil, nextAt }: WaitingSends, timeZone: string): WaitReason[] {
  const { gapSeconds, jitterSeconds, bulkJitterSeconds, quietHours, account, conversation, kinds } = settings;
  const hasWindows =
    gapSeconds > 0 || [account, conversation, ...Object.values(kinds)].some(({ length }) => length > 0);
  const hasGap = gapSeconds + jitterSeconds[1] + bulkJitterSeconds[1] > 0;
  const quietMs = quietHours === null ? 0 : quietForMs(now, quietHours, timeZone);
  return [
    ...(shutUntil !== undefined && hasWindows ? [{ kind: 'cold_start', until: shutUntil } as const] : []),
    ...(nextAt !== undefined && hasGap ? [{ kind: 'gap', until: nextAt } as const] : []),
    ...(quietMs > 0 ? [{ kind: 'quiet_hours', until: now + quietMs } as const] : []),
  ];
}

function windowsOf({ settings, sources }: LimitsInForce, slow: number) {
  const windows = (of: UsedWindow['of'], rates: readonly Rate[], source: LimitSource) =>
    rates.map(({ sends, seconds }) => ({ of, sends, seconds: seconds * slow, ms: windowMs(seconds, slow), source }));
  return [
    ...windows('account', settings.account, sources.account),
    ...ACTION_KINDS.flatMap((kind) => windows(`kind:${kind}`, settings.kinds[kind] ?? [], sources.kinds)),
  ];
}

function dayUsed(
  { settings, sources }: LimitsInForce,
  slow: number,
  { now, sentToday }: WaitingSends,
  timeZone: string,
): UsedDay | undefined {
  if (settings.perDay === null) return undefined;
  const { start, end } = dayOf(now, timeZone);
  const used = sentToday !== undefined && sentToday.dayStart >= start ? sentToday.sends : 0;
  return { used, most: Math.max(1, Math.floor(settings.perDay / slow)), endsAt: end, source: sources.perDay };
}
