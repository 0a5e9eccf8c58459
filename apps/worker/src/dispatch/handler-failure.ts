import { RookeryError, toError } from '@rookery/protocol';

/** Whatever a handler threw, as one kind of error. Never throws: even the message of an error can be a getter that does. */
export function handlerFailure(where: string, thrown: unknown): RookeryError {
  try {
    const cause = toError(thrown);
    return new RookeryError('HANDLER_FAILED', `${where} threw: ${cause.message}`, { cause });
  } catch {
    return new RookeryError('HANDLER_FAILED', `${where} threw an error that cannot be read`);
  }
}
