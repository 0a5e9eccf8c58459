import { actionId, LANES, nodeId, type ActionId, type Lane, type NodeId } from '@rookery/protocol';
import { z } from 'zod';

/** An action that somebody has begun and whose outcome is not known. */
export interface OpenAction {
  readonly id: ActionId;
  readonly name: string;
  readonly lane: Lane;
  /** When it was claimed, milliseconds since 1970 on Redis' clock. */
  readonly at: number;
  /** Who waits for the outcome, or waited. */
  readonly replyTo?: NodeId;
  /** Where its message goes; absent when it posts none. */
  readonly target?: string;
  /** What its message says, in comparable form; absent when that cannot be told from the action. */
  readonly content?: string;
}

const traced = z.object({
  name: z.string(),
  lane: z.enum(LANES),
  replyTo: z.exactOptional(z.string().transform(nodeId)),
  target: z.exactOptional(z.string()),
  content: z.exactOptional(z.string()),
});

/** Undefined for what is not of our making. */
export function readOpenAction(id: string, stored: string): OpenAction | undefined {
  const [, at, json = ''] = /^([0-9]+) (.+)$/s.exec(stored) ?? [];
  try {
    return { id: actionId(id), at: Number(at), ...traced.parse(JSON.parse(json)) };
  } catch {
    return undefined;
  }
}
