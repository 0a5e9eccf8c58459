import { z } from 'zod';
import { RookeryError } from '@rookery/protocol';

const schema = z.strictObject({
  accounts: z.int().min(1).max(5000).default(3),
  groups: z.int().min(1).max(1000).default(2),
  /** Messages per second over all groups; 0 for silence. */
  rate: z.number().min(0).max(5000).default(2),
  /** When given, every third account dials it. */
  reverseUrl: z.url({ protocol: /^wss?$/ }).optional(),
  /** One token for all accounts; by default each has a random one. */
  token: z.string().min(1).optional(),
  /** Port of the forward server, 0 for any free one. */
  port: z.int().min(0).max(65535).default(0),
  /** Port of /healthz, /readyz and /metrics, 0 for any free one. */
  healthPort: z.int().min(0).max(65535).default(0),
  seed: z.int().min(0).default(1),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type SimulatorOptions = z.infer<typeof schema>;

/** Reads `--options '{"accounts":3}'`; everything has a default. */
export function readOptions(args: readonly string[]): SimulatorOptions {
  const at = args.indexOf('--options');
  const text = at < 0 ? '{}' : (args[at + 1] ?? '');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw invalid(`--options is not JSON: ${text.slice(0, 100)}`, error);
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalid(`--options: ${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}

function invalid(message: string, cause: unknown): RookeryError {
  return new RookeryError('CONFIG_INVALID', `simulator: ${message}; correct the option that is named`, { cause });
}
