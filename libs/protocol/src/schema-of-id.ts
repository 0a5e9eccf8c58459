import { z } from 'zod';

/** Turns an id constructor, which throws, into a schema that reports. */
export function id<T>(make: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return make(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not an id' });
      return z.NEVER;
    }
  });
}
