import { z } from 'zod';
import type { ConversationKey, UserId } from '@rookery/protocol';
import { failedSchema, parsedJson, type FailedHandling } from './failed-handling';

/** A handling that waits for somebody's answer: what is needed to run it again up to there, and whom it waits for. */
export interface SuspendedHandling extends FailedHandling {
  readonly plugin: string;
  readonly handler: string;
  /** What the handler was called with, as plain data of the worker that called it. */
  readonly match: unknown;
  readonly ask: {
    /** Number of the handler's step that the answer ends. */
    readonly step: number;
    readonly conversation: ConversationKey;
    /** Whose next message is the answer. */
    readonly user: UserId;
    /** When the question was put, and when nobody waits for the answer any more: milliseconds since 1970. */
    readonly since: number;
    readonly until: number;
  };
}

const suspendedSchema = failedSchema.extend({
  plugin: z.string().min(1),
  handler: z.string().min(1),
  match: z.unknown(),
  ask: z.object({
    step: z.number().int().min(1),
    conversation: z.string().min(1),
    user: z.string().min(1),
    since: z.number(),
    until: z.number(),
  }),
});

export const parseSuspendedHandling = (text: string): SuspendedHandling =>
  parsedJson<SuspendedHandling>('a handling that waits for an answer', suspendedSchema, text);
