import { z } from 'zod';
import {
  ERRORS,
  EVENT_TYPES,
  OUTCOMES,
  RookeryError,
  type ActionResult,
  type ErrorCode,
  type Event,
  type JournalEntry,
} from '@rookery/protocol';

/** An event whose handling has failed, as it is kept for another attempt. */
export interface FailedHandling {
  readonly v: 1;
  /** Event, plugin and handler: one handler's failure on one event, however often it fails. */
  readonly id: string;
  readonly event: Event;
  /** Absent, as `handler`, when the event reached no handler at all. */
  readonly plugin?: string;
  readonly handler?: string;
  /** How many were made. */
  readonly attempts: number;
  /** Actions that were or may have been carried out; a further attempt is given these outcomes and asks for none of them again. */
  readonly done: readonly ActionResult[];
  /** What the handler did before it last asked somebody, with the answer; absent for one that asked nobody. */
  readonly journal?: readonly JournalEntry[];
}

/** A failed handling that is not tried again by itself. */
export interface DeadLetter extends FailedHandling {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly stack?: string };
  /** When it was given up, milliseconds since 1970. */
  readonly at: number;
}

export const failedSchema = z.object({
  v: z.literal(1),
  id: z.string().min(1),
  event: z.looseObject({
    id: z.string().min(1),
    type: z.enum(EVENT_TYPES),
    self: z.string().min(1),
    conversation: z.string().min(1),
  }),
  plugin: z.string().optional(),
  handler: z.string().optional(),
  attempts: z.number().int().min(0),
  done: z.array(z.looseObject({ id: z.string().min(1), outcome: z.enum(OUTCOMES) })),
  journal: z.array(z.looseObject({ n: z.number().int().min(1), step: z.string().min(1) })).optional(),
});

const letterSchema = failedSchema.extend({
  error: z.object({
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    stack: z.string().optional(),
  }),
  at: z.number(),
});

/** Throw ENVELOPE_INVALID when the text is not one of ours. */
export const parseFailedHandling = (text: string) =>
  parsedJson<FailedHandling>('a failed handling', failedSchema, text);
export const parseDeadLetter = (text: string) => parsedJson<DeadLetter>('a dead letter', letterSchema, text);

export function parsedJson<T>(what: string, schema: z.ZodType, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RookeryError('ENVELOPE_INVALID', `not ${what}: no JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new RookeryError('ENVELOPE_INVALID', `not ${what}: ${z.prettifyError(result.error)}`);
  return result.data as T;
}
