import { ACTION_KINDS, type ActionKind } from '@rookery/protocol';

/** At most `sends` in any `seconds`, wherever the window begins. */
export interface Rate {
  readonly sends: number;
  readonly seconds: number;
}

/** Hours of the day in the configured time zone, "HH:MM"; `from` may be later than `to`, and then midnight is between them. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** How fast one account may act. All layers hold at the same time; a send leaves when every one of them allows it. */
export interface LimitSettings {
  /** All that others see of the account: every kind but `other`. */
  readonly account: readonly Rate[];
  /** The same in one chat. */
  readonly conversation: readonly Rate[];
  /** All actions of one kind; a kind that is not named has no limit of its own. */
  readonly kinds: Readonly<Partial<Record<ActionKind, readonly Rate[]>>>;
  /** Sends of the account per calendar day of the configured time zone; null: no limit. */
  readonly perDay: number | null;
  /** Messages of equal text to one chat; null: no limit. */
  readonly repeats: Rate | null;
  /** Shortest time between two sends of the account. */
  readonly gapSeconds: number;
  /** Added to the gap by chance, between the two numbers, so that the rhythm is not a machine's. */
  readonly jitterSeconds: readonly [number, number];
  /** The same after a send of the lane `bulk`. */
  readonly bulkJitterSeconds: readonly [number, number];
  /** An account that is said to be younger than `days` gets `factor` of everything; null: full speed at once. */
  readonly warmUp: { readonly days: number; readonly factor: number } | null;
  /** Lanes `normal` and `bulk` wait meanwhile; replies go on. Null: none. */
  readonly quietHours: QuietHours | null;
}

export const PROFILE_NAMES = ['default', 'cautious', 'unlimited'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What one scope says about limits. Naming a profile sets aside what wider scopes said; single settings then change that profile. */
export type LimitsPatch = { readonly profile?: ProfileName } & Partial<LimitSettings>;

/** Of these a conversation can have its own; everything else belongs to the account as a whole. */
export const CONVERSATION_SETTINGS = ['conversation', 'repeats'] as const satisfies (keyof LimitSettings)[];

/**
 * Nobody knows QQ's limits. These follow what operators report, every number inside the span of their reports and none proven:
 *
 * gap         1 to 3 s between messages is the habit (Adachi-BOT PR 578, windoge-plugin issue 12); go-cqhttp's sample limiter and
 *             mirai-rate-limit are 1 per second; forum.koishi.xyz 5670 asks for one per chat
 * per minute  smart_flow_controller calls below 10 a minute normal, from 10 on it queues, from 20 on it waits 2 to 4 s; LangBot 475
 * per day     one commenter's "5,000 messages a day" (NapCatQQ 876, unconfirmed), with room below
 * jitter      0.5 to 3 s at random before each send (Yunzai-Bot 11); broadcasts 1 to 3 s apart (Adachi-BOT PR 578), and NapCat has no
 *             queue of its own, so a broadcast to 20 groups ended in timeouts (NapCatQQ 1658)
 * repeats     equal texts are what spam filters look for first; messages with one flagged link time out alone (NapCatQQ 808)
 * warm-up     new accounts were kicked after two sentences, others only while idle (NapCatQQ 751, 750, NapCat-Docker 58)
 * kinds       likes and pokes are the cheapest way to look like a script; QQ itself allows some 10 likes per person and day
 */
export const PROFILES: Readonly<Record<ProfileName, LimitSettings>> = {
  default: {
    account: [{ sends: 15, seconds: 60 }],
    conversation: [
      { sends: 1, seconds: 2 },
      { sends: 8, seconds: 60 },
    ],
    kinds: {
      file: [{ sends: 2, seconds: 60 }],
      reaction: [{ sends: 6, seconds: 60 }],
      moderation: [{ sends: 10, seconds: 60 }],
      other: [{ sends: 10, seconds: 10 }],
    },
    perDay: 3_000,
    repeats: { sends: 3, seconds: 600 },
    gapSeconds: 1.2,
    jitterSeconds: [0.3, 1.5],
    bulkJitterSeconds: [1, 3],
    warmUp: { days: 7, factor: 0.25 },
    quietHours: null,
  },
  cautious: {
    account: [{ sends: 8, seconds: 60 }],
    conversation: [
      { sends: 1, seconds: 4 },
      { sends: 4, seconds: 60 },
    ],
    kinds: {
      file: [{ sends: 1, seconds: 60 }],
      reaction: [{ sends: 3, seconds: 60 }],
      moderation: [{ sends: 5, seconds: 60 }],
      other: [{ sends: 5, seconds: 10 }],
    },
    perDay: 1_000,
    repeats: { sends: 2, seconds: 600 },
    gapSeconds: 2.5,
    jitterSeconds: [0.5, 3],
    bulkJitterSeconds: [2, 5],
    warmUp: { days: 14, factor: 0.25 },
    quietHours: null,
  },
  unlimited: {
    account: [],
    conversation: [],
    kinds: {},
    perDay: null,
    repeats: null,
    gapSeconds: 0,
    jitterSeconds: [0, 0],
    bulkJitterSeconds: [0, 0],
    warmUp: null,
    quietHours: null,
  },
};

/** A rule that limits break, or undefined. What no account could ever reach is a mistake of whoever wrote it. */
export function impossible(
  limits: Partial<LimitSettings>,
): { readonly setting: string; readonly rule: string } | undefined {
  const lists: [string, readonly Rate[]][] = [
    ['account', limits.account ?? []],
    ['conversation', limits.conversation ?? []],
    ...ACTION_KINDS.map((kind): [string, readonly Rate[]] => [`kinds.${kind}`, limits.kinds?.[kind] ?? []]),
  ];
  for (const [setting, rates] of lists) {
    const sorted = [...rates].sort((a, b) => a.seconds - b.seconds);
    for (const [at, rate] of sorted.entries()) {
      const longer = sorted[at + 1];
      if (longer === undefined) continue;
      if (longer.seconds === rate.seconds) return { setting, rule: `names ${rate.seconds} seconds twice` };
      if (longer.sends < rate.sends) {
        const rule = `allows ${rate.sends} in ${rate.seconds} s but only ${longer.sends} in ${longer.seconds} s: the burst can never be reached`;
        return { setting, rule };
      }
    }
  }
  const { perDay, gapSeconds, account = [], jitterSeconds, bulkJitterSeconds, quietHours, warmUp } = limits;
  const burst = Math.max(0, ...account.map(({ sends }) => sends));
  if (typeof perDay === 'number' && perDay < burst) {
    return { setting: 'perDay', rule: `is ${perDay}, less than the ${burst} that \`account\` allows in one window` };
  }
  const tight = account.find(({ sends, seconds }) => gapSeconds !== undefined && gapSeconds * (sends - 1) >= seconds);
  if (tight) {
    return { setting: 'gapSeconds', rule: `leaves no room for ${tight.sends} sends in ${tight.seconds} s` };
  }
  for (const [setting, span] of Object.entries({ jitterSeconds, bulkJitterSeconds })) {
    if (span !== undefined && span[0] > span[1]) return { setting, rule: 'must begin with the smaller number' };
  }
  if (quietHours && quietHours.from === quietHours.to) {
    return { setting: 'quietHours', rule: 'must not be the whole day' };
  }
  if (warmUp && warmUp.factor > 1) return { setting: 'warmUp', rule: 'must not make a young account faster' };
  return undefined;
}
