import { z } from 'zod';
import {
  impossible,
  PROFILE_NAMES,
  type LimitLayer,
  type LimitScope,
  type LimitSettings,
  type LimitsPatch,
} from '@rookery/pacing';
import { ACTION_KINDS } from '@rookery/protocol';

const DAY_S = 86_400;
const between = (low: number, high: number) =>
  z.number().min(low, `must be from ${low} to ${high}`).max(high, `must be from ${low} to ${high}`);
const sends = (most: number) => between(1, most).int('must be a whole number');

const rate = z.strictObject({ sends: sends(100_000), seconds: between(0.1, DAY_S) });
const rates = z.array(rate).max(5, 'must have at most 5 entries');
const span = z.tuple([between(0, 3_600), between(0, 3_600)]);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must look like 23:30');
const profile = z.enum(PROFILE_NAMES);

const settings = {
  account: rates,
  conversation: rates,
  kinds: z.strictObject(Object.fromEntries(ACTION_KINDS.map((kind) => [kind, rates.optional()]))),
  perDay: sends(1_000_000).nullable(),
  repeats: rate.nullable(),
  gapSeconds: between(0, 3_600),
  jitterSeconds: span,
  bulkJitterSeconds: span,
  warmUp: z.strictObject({ days: between(0, 365), factor: between(0.01, 1) }).nullable(),
  quietHours: z.strictObject({ from: time, to: time }).nullable(),
} satisfies Record<keyof LimitSettings, z.ZodType>;

function possible(patch: Partial<LimitSettings>, context: z.RefinementCtx): void {
  const found = impossible(patch);
  if (found) context.addIssue({ code: 'custom', path: found.setting.split('.'), message: found.rule });
}

const patch = z.strictObject({ profile, ...settings }).partial();
/** What an account, a pool or the whole cluster may say about limits. */
export const limitsPatch = patch.superRefine((value, context) => possible(value as Partial<LimitSettings>, context));

/** What a conversation may say: nothing that concerns its account as a whole. */
export const conversationLimits = z
  .strictObject({ profile, conversation: settings.conversation, repeats: settings.repeats })
  .partial()
  .superRefine((value, context) => possible(value as Partial<LimitSettings>, context));

/** `group:<pool>:<number>` or `private:<account>:<number>`, or a channel. */
export const conversationName = z
  .string()
  .regex(/^(?:group:[A-Za-z0-9][A-Za-z0-9_-]{0,63}|private:\d{1,20}):\d{1,20}$|^guild:[^:]{1,200}:[^:]{1,200}$/, {
    message: 'must look like group:<pool>:<group number> or private:<account>:<QQ number>',
  });

const timeZone = z.string().refine((name) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}, 'must be a time zone like Asia/Shanghai');

/** The `limits` of rookery.yaml: what all accounts share, besides the day's time zone and single conversations. */
export const limitsSection = patch
  .extend({
    profile: profile.default('default'),
    timeZone: timeZone.default('Asia/Shanghai'),
    conversations: z.record(conversationName, conversationLimits).default({}),
  })
  .superRefine((value, context) => possible(value as Partial<LimitSettings>, context));

export type ParsedLimits = z.output<typeof limitsSection>;

/** What the file says for a scope, as a layer; none where it says nothing. */
export function fileLayer(scope: LimitScope, said: object | undefined): LimitLayer[] {
  return said === undefined ? [] : [{ scope, from: 'file', patch: asPatch(said) }];
}

/** zod writes `undefined` into optional members; patches leave them out. */
export function asPatch(value: object): LimitsPatch {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as LimitsPatch;
}
