import {
  RookeryError,
  WANTED_STATES,
  nodeId,
  poolName,
  selfId,
  type NodeId,
  type PoolName,
  type SelfId,
  type WantedState,
} from '@rookery/protocol';
import { z } from 'zod';

/** What the registry keeps of an account, as everybody may see it: there is no token in it. */
export interface AccountRegistration {
  readonly self: SelfId;
  readonly pool: PoolName;
  readonly mode: 'forward' | 'reverse';
  readonly url?: string;
  /** `file`: defined in rookery.yaml, which also has its token. `added`: at run time. */
  readonly source: 'file' | 'added';
  /** What the operator wants of it; what it is, the account's status says. */
  readonly wanted: WantedState;
  /** The connector that it was moved to. Without effect once that is gone. */
  readonly pinnedTo?: NodeId;
  /** Version of the registry that changed it last. */
  readonly version: number;
}

/** The stored form. `definition` is the account as in the configuration, without its token. */
const storedSchema = z.object({
  v: z.literal(1),
  source: z.enum(['file', 'added']),
  definition: z.looseObject({
    selfId: z.string().transform(selfId),
    pool: z.string().transform(poolName),
    mode: z.enum(['forward', 'reverse']),
    url: z.string().optional(),
  }),
  wanted: z.enum(WANTED_STATES),
  pinnedTo: z.string().transform(nodeId).optional(),
  sealed: z.string().optional(),
  version: z.number().int(),
});
export type StoredAccount = z.output<typeof storedSchema>;

/** Throws ENVELOPE_INVALID when it is not of our making or of a later version of Rookery. */
export function parseStored(self: string, text: string): StoredAccount {
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RookeryError(
      'ENVELOPE_INVALID',
      `the registration of account ${self} in Redis is not of this version of Rookery; upgrade this process`,
      { cause },
    );
  }
}

export function registration({ source, definition, wanted, pinnedTo, version }: StoredAccount): AccountRegistration {
  const { selfId: self, pool, mode, url } = definition;
  return {
    self,
    pool,
    mode,
    ...(url !== undefined && { url }),
    source,
    wanted,
    ...(pinnedTo !== undefined && { pinnedTo }),
    version,
  };
}
