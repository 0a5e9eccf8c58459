import { RookeryError, toError } from '@rookery/protocol';

/**
 * Whatever a handler threw, as one kind of error. Never throws, and what it returns can be read without danger: message and
 * stack of an error can be getters that throw.
 */
export function handlerFailure(where: string, thrown: unknown): RookeryError {
  const error = readable(thrown);
  return new RookeryError(
    'HANDLER_FAILED',
    error ? `${where} threw: ${error.message}` : `${where} threw an error that cannot be read`,
    {
      ...(error && { cause: error }),
    },
  );
}

function readable(thrown: unknown): Error | undefined {
  try {
    const { message, stack } = toError(thrown);
    return rebuilt(String(message), stack === undefined ? undefined : String(stack));
  } catch {
    return undefined;
  }
}

/** An error made of texts, as they cross from one thread to another. */
function rebuilt(message: string, stack: string | undefined): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** A failure that came as texts from where the handler ran. */
export function carriedFailure({
  message,
  stack,
}: {
  readonly message: string;
  readonly stack?: string;
}): RookeryError {
  return new RookeryError('HANDLER_FAILED', message, stack === undefined ? {} : { cause: rebuilt(message, stack) });
}
