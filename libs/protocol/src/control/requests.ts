import { z } from 'zod';
import { ACCOUNT_STATES, type AccountStatus } from '../account';
import { nodeId, poolName, selfId, type NodeId } from '../ids';
import { id } from '../schema-of-id';

/** The processes that take requests. */
export const APPS = ['connector', 'worker', 'console'] as const;
export type AppName = (typeof APPS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface RequestSpec {
  /** The apps that answer it; a node of another one refuses. */
  readonly by: readonly AppName[];
  readonly ask: z.ZodType;
  readonly answer: z.ZodType;
}

const account = z.strictObject({ self: id(selfId) });
const nothing = z.strictObject({});

const status: z.ZodType<AccountStatus> = z.object({
  self: id(selfId),
  pool: id(poolName),
  mode: z.enum(['forward', 'reverse']),
  state: z.enum(ACCOUNT_STATES),
  reason: z.string(),
  since: z.number(),
});

export const nodeInfo = z.object({
  node: id(nodeId),
  app: z.enum(APPS),
  version: z.string(),
  pid: z.number(),
  host: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** Accounts that a connector holds; 0 elsewhere. */
  accounts: z.number(),
  ready: z.boolean(),
  /** Why it is not ready. */
  problems: z.array(z.string()),
  logLevel: z.enum(LOG_LEVELS),
});
export type NodeInfo = z.output<typeof nodeInfo>;

/**
 * What one node can be asked for by name. Closed: a request that is not here does not exist, an app that lacks the handler of one
 * of its requests does not compile. Durable wishes (an account stopped, moved, added) are not requests: they are written into
 * the account registry, and `accounts.changed` says so.
 */
export const CONTROL_REQUESTS = {
  /** How the account is at this moment, from its connector itself; null when it does not hold it. */
  'account.status': { by: ['connector'], ask: account, answer: status.nullable() },
  /** Drop the connection and make a new one. `done` is false when the node does not hold the account. */
  'account.reconnect': { by: ['connector'], ask: account, answer: z.object({ done: z.boolean() }) },
  'node.info': { by: ['connector', 'worker', 'console'], ask: nothing, answer: nodeInfo },
  /** Hand everything over and end. Answered before it begins. */
  'node.drain': { by: ['connector', 'worker'], ask: nothing, answer: z.object({ accepted: z.literal(true) }) },
  /** Until the node ends or is told otherwise. */
  'node.logLevel': {
    by: ['connector', 'worker', 'console'],
    ask: z.strictObject({ level: z.enum(LOG_LEVELS) }),
    answer: z.object({ before: z.enum(LOG_LEVELS) }),
  },
} as const satisfies Record<string, RequestSpec>;

export type RequestName = keyof typeof CONTROL_REQUESTS;
export type Ask<Name extends RequestName> = z.output<(typeof CONTROL_REQUESTS)[Name]['ask']>;
export type Answer<Name extends RequestName> = z.output<(typeof CONTROL_REQUESTS)[Name]['answer']>;

/** The requests that an app answers. */
export type RequestsOf<App extends AppName> = {
  [Name in RequestName]: App extends (typeof CONTROL_REQUESTS)[Name]['by'][number] ? Name : never;
}[RequestName];

/** One handler for every request of the app, and none else. */
export type RequestHandlers<App extends AppName> = {
  readonly [Name in RequestsOf<App>]: (ask: Ask<Name>) => Answer<Name> | Promise<Answer<Name>>;
};

/** The app of a node, as its name says. */
export function appOf(node: NodeId): AppName | undefined {
  return APPS.find((app) => node.startsWith(`${app}-`));
}
