import { z } from 'zod';
import { CONVERSATION_MAX, isAction, NAME_MAX, PLUGIN_MAX } from './action-check';
import { formOf } from './actions/prepare';
import { LANES, OUTCOMES, type Action, type ActionResult } from './action';
import { ERRORS, RookeryError, type ErrorCode } from './errors';
import { actionId, eventId, groupId, messageId, messageSeq, nodeId, selfId, type NodeId } from './ids';
import { id } from './schema-of-id';

/**
 * What travels through Redis, as schemas: parsed where a process takes it from a queue or a channel, trusted inside. Every
 * message carries its version `v`; a reader accepts its own and the one before, so that nodes can be replaced one by one.
 */

const actionSchema = z.object({
  v: z.literal(1),
  id: id(actionId),
  self: id(selfId),
  name: z
    .string()
    .min(1)
    .max(NAME_MAX)
    .refine((name) => formOf(name).form === 'plain', 'a name with a suffix is never sent to NapCat'),
  params: z.record(z.string(), z.unknown()),
  lane: z.enum(LANES),
  conversation: z.string().max(CONVERSATION_MAX).optional(),
  createdAt: z.number(),
  expiresAt: z.number(),
  replyTo: id(nodeId).optional(),
  origin: z.object({ plugin: z.string().max(PLUGIN_MAX), event: id(eventId).optional() }),
});

const resultSchema = z.object({
  id: id(actionId),
  self: id(selfId),
  outcome: z.enum(OUTCOMES),
  data: z.unknown().optional(),
  reference: z
    .object({ messageId: id(messageId).optional(), groupId: id(groupId).optional(), seq: id(messageSeq).optional() })
    .optional(),
  error: z
    .object({
      code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      retcode: z.number().optional(),
    })
    .optional(),
  tries: z.number().optional(),
  endedAt: z.number(),
});

function parser<T>(what: string, schema: z.ZodType) {
  return (data: unknown): T => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data as T;
    throw new RookeryError('ENVELOPE_INVALID', `not ${what}: ${z.prettifyError(parsed.error)}`);
  };
}

const explainAction = parser<Action>('an action', actionSchema);

/** Every action passes here twice, nearly all of them as they should be: those are known without the schema, in a tenth of its time. */
export function parseAction(data: unknown): Action {
  return isAction(data) ? data : explainAction(data);
}
export const parseResult = parser<ActionResult>('an action result', resultSchema);

/** Messages between nodes that are not jobs. Channel names, and what each carries. */
export const channels = {
  /** To all connectors: these accounts have new actions waiting. Losing it costs a delay, not an action. */
  actionsWaiting: 'rookery:actions-waiting',
  /** To the node that asked: these actions ended. A lost one is found again in the claim's record. */
  results: (node: string): string => `rookery:results:${node}`,
  /** To all nodes: the account registry has a new version; whoever hears it looks there. Losing it costs a delay: the version is also looked at now and then. */
  accountsChanged: 'rookery:accounts-changed',
  /** To all nodes: limits were changed at run time; whoever hears it looks there. Losing it costs a delay, as above. */
  limitsChanged: 'rookery:limits-changed',
  /** To all workers: what operators have set about plugins changed; whoever hears it looks there, and now and then anyway. */
  pluginSettingsChanged: 'rookery:plugin-settings-changed',
  /** To all nodes of a realm: leases became free, were seized, or a node came. Losing it costs a third of the lease time. */
  leasesChanged: (realm: 'accounts' | 'partitions'): string => `rookery:leases-changed:${realm}`,
  /** To all workers: a broadcast was added, or something else is wanted of it. Losing it costs some seconds. */
  broadcastsChanged: 'rookery:broadcasts-changed',
  /** To one node: a request of the control plane. Who listens here is alive. */
  control: (node: string): string => `rookery:control:${node}`,
} as const;

/** `reads`: those of the accounts that have something to look up; without it, all of them may. */
export const parseActionsWaiting = parser<{
  readonly v: 1;
  readonly accounts: Action['self'][];
  readonly reads?: Action['self'][];
}>(
  'a notice of waiting actions',
  z.object({ v: z.literal(1), accounts: z.array(id(selfId)), reads: z.array(id(selfId)).optional() }),
);
export const parseResults = parser<{ readonly v: 1; readonly results: ActionResult[] }>(
  'a batch of results',
  z.object({ v: z.literal(1), results: z.array(resultSchema) }),
);

export const parseLeasesChanged = parser<{ readonly v: 1; readonly node: NodeId }>(
  'a notice of changed leases',
  z.object({ v: z.literal(1), node: id(nodeId) }),
);
