import { RookeryError, toError } from '@rookery/protocol';

/** Something that the user can mend; the message says all there is to say. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** What a person should read of an error: without a stack where the cause is known. */
export function explain(thrown: unknown): string {
  if (thrown instanceof CommandFailure) return thrown.message;
  const error = toError(thrown);
  if (error instanceof RookeryError && error.code !== 'INTERNAL') return `${error.message} (${error.code})`;
  return error.stack ?? error.message;
}
