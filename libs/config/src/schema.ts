import { z } from 'zod';
import { DEFAULT_POOL, isDecimalId, needProblem, poolName, selfId } from '@rookery/protocol';
import { limitsPatch, limitsSection } from './limits-schema';
import { alertsSchema } from './alerts-schema';
import { otlpSchema } from './otlp-schema';
import { parseRedisUrl } from './redis-address';
import { Secret } from './secret';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const PORT_RANGE = 'must be from 0 to 65535 (0: any free port)';
export const port = z.number().int('must be a whole number').min(0, PORT_RANGE).max(65_535, PORT_RANGE);
const host = z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/, 'must be a host name or an address');
const text = z.string().min(1, 'must not be empty');

/** What fits into an Authorization header. */
const token = z
  .string()
  .min(1, 'must not be empty; leave the key out where there is no token')
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x21-\x7e]*$/, 'must consist of printable ASCII characters without spaces')
  .transform((value) => new Secret(value));

const webSocketUrl = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const fail = (message: string) => context.addIssue({ code: 'custom', message });
  if (url === undefined || !['ws:', 'wss:'].includes(url.protocol)) return fail('must look like ws://127.0.0.1:3001');
  if (url.username !== '' || url.password !== '' || url.searchParams.has('access_token')) {
    fail('must not hold a token, it would end up in logs; write it into `token` of this account');
  }
});

export const redisUrl = z.string().superRefine((value, context) => {
  const read = parseRedisUrl(value);
  if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem });
});

const POOL = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const qqNumber = z
  .string()
  .refine((value) => isDecimalId(value) && value !== '0', 'must be a QQ number')
  .transform(selfId);

export const account = z.strictObject({
  selfId: qqNumber,
  pool: z.string().regex(POOL, 'must be 1 to 64 letters, digits, - or _').transform(poolName).default(DEFAULT_POOL),
  mode: z.enum(['forward', 'reverse']),
  url: webSocketUrl.optional(),
  token: token.optional(),
  attach: z.enum(['single', 'dual']).optional(),
  backfill: z.boolean().optional(),
  since: z.iso.date('must be a day like 2026-01-31').optional(),
  limits: limitsPatch.optional(),
});

/** Long enough that nobody guesses it: it is stretched to an AES key, not hardened against guessing. */
export const encryptionKeySchema = z
  .string()
  .min(32, 'must have at least 32 characters; make one with `openssl rand -base64 32`')
  .max(512, 'must have at most 512 characters')
  .transform((value) => new Secret(value));

const groupNumber = z.string().refine((value) => isDecimalId(value) && value !== '0', 'must be a group number');

const pool = z.strictObject({
  policy: z.enum(['sticky', 'round-robin', 'least-loaded', 'admin-capable']).default('sticky'),
  graceMs: z
    .number()
    .int('must be a whole number')
    .min(0, 'must be from 0 to 10000')
    .max(10_000, 'must be from 0 to 10000')
    .default(1_500),
  assign: z.record(groupNumber, qqNumber).default({}),
  limits: limitsPatch.optional(),
});

/** The root itself would share everything. */
function sharedFolder(start: RegExp) {
  return z
    .string()
    .max(1024, 'must have at most 1024 characters')
    .regex(start, 'must be an absolute path')
    .refine((path) => !path.includes('\0') && !path.split(/[\\/]/).some((step) => step === '..' || step === '.'), {
      message: 'must hold no . and no .. between its slashes',
    })
    .refine((path) => /[^\\/]/.test(path.replace(/^[A-Za-z]:/, '')), 'must be a folder below the root');
}

const permission = z.string().superRefine((need, context) => {
  const problem = needProblem(need);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `is no permission: ${problem}` });
});

/** For a pool that the file does not name. */
export const POOL_DEFAULTS = pool.parse({});

const seconds = z.number().min(1, 'must be from 1 to 3600').max(3_600, 'must be from 1 to 3600');

/** Shape and ranges; what concerns several keys is in rules.ts. Unknown keys are errors, nothing is coerced. */
export const configSchema = z.strictObject({
  commandPrefix: z
    .array(z.string().max(16, 'must have at most 16 characters'))
    .min(1, 'must have an entry; [""] means that no prefix is needed')
    .max(16, 'must have at most 16 entries')
    .default(['/']),
  locale: z.enum(['zh', 'en']).default('zh'),
  accounts: z.array(account).max(10_000, 'must have at most 10000 entries').default([]),
  reverse: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port.default(6199),
      path: z
        .string()
        .regex(/^\/[\x21-\x7e]{0,200}$/, 'must start with / and hold no spaces')
        .default('/onebot/v11/ws'),
    })
    .prefault({}),
  backfill: z
    .strictObject({
      enabled: z.boolean().default(true),
      maxAgeMinutes: z.number().min(1, 'must be from 1 to 1440').max(1440, 'must be from 1 to 1440').default(10),
    })
    .prefault({}),
  limits: limitsSection.prefault({}),
  redis: z.strictObject({ url: redisUrl.optional() }).prefault({}),
  partitions: z
    .number()
    .int('must be a whole number')
    .min(1, 'must be from 1 to 1024')
    .max(1024, 'must be from 1 to 1024')
    .default(32),
  console: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port.optional(),
      token: token.optional(),
      readToken: token.optional(),
      allowedHosts: z.array(host).max(100, 'must have at most 100 entries').default([]),
    })
    .prefault({}),
  connector: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port.optional(),
      capacity: z
        .number()
        .int('must be a whole number')
        .min(1, 'must be from 1 to 10000')
        .max(10_000, 'must be from 1 to 10000')
        .default(2_000),
    })
    .prefault({}),
  worker: z.strictObject({ host: host.default('127.0.0.1'), port: port.optional() }).prefault({}),
  pools: z.record(z.string().regex(POOL, 'must be 1 to 64 letters, digits, - or _'), pool).default({}),
  overload: z.strictObject({ lagSeconds: seconds.default(10), chatterSeconds: seconds.default(60) }).prefault({}),
  media: z
    .strictObject({
      allowHosts: z
        .array(host.transform((name) => name.toLowerCase()))
        .max(100, 'must have at most 100 entries')
        .default([]),
      sharedPath: z
        .strictObject({ ours: sharedFolder(/^\//), napcat: sharedFolder(/^(?:\/|[A-Za-z]:[\\/])/) })
        .optional(),
    })
    .prefault({}),
  permissions: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the id of a plugin: lower-case letters, digits or dashes'),
      z.array(permission).max(100, 'must have at most 100 entries'),
    )
    .default({}),
  superusers: z.array(qqNumber).max(100, 'must have at most 100 entries').default([]),
  plugins: z
    .array(
      z.strictObject({
        module: z
          .string()
          .min(1, 'must be the path of a JavaScript file')
          .max(1024, 'must have at most 1024 characters'),
        config: z.record(z.string(), z.unknown()).default({}),
        isolation: z.enum(['thread', 'process'], 'must be thread or process').default('thread'),
      }),
    )
    .max(200, 'must have at most 200 entries')
    .default([]),
  brake: z
    .strictObject({
      turns: z
        .number()
        .int('must be a whole number')
        .min(0, 'must be from 0 (off) to 1000')
        .max(1_000, 'must be from 0 (off) to 1000')
        .default(6),
      windowSeconds: seconds.default(60),
      ignoreSeconds: seconds.default(60),
    })
    .prefault({}),
  encryptionKey: encryptionKeySchema.optional(),
  alerts: alertsSchema.prefault({}),
  trace: z
    .strictObject({
      perSecond: z
        .number()
        .int('must be a whole number')
        .min(0, 'must be from 0 (off) to 1000')
        .max(1_000, 'must be from 0 (off) to 1000')
        .default(50),
    })
    .prefault({}),
  telemetry: z.strictObject({ otlp: otlpSchema.optional() }).prefault({}),
  metrics: z
    .strictObject({
      token: token.optional(),
      open: z.boolean().default(false),
      accountSeries: z
        .number()
        .int('must be a whole number')
        .min(0, 'must be from 0 (off) to 10000')
        .max(10_000, 'must be from 0 (off) to 10000')
        .default(2_000),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  dataDir: text.default('./data'),
});

/** ROOKERY_FLEET names a file of this form; `rookery up` writes one for its simulated accounts. */
export const fleetSchema = configSchema.pick({ accounts: true });

export type ParsedConfig = z.output<typeof configSchema>;
export type ParsedAccount = ParsedConfig['accounts'][number];
