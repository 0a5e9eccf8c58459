import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ERRORS, RookeryError, toError, type ErrorCode } from '@rookery/protocol';
import { Service } from '@rookery/service';

interface Response {
  readonly headersSent: boolean;
  status(code: number): Response;
  json(body: unknown): void;
}

/** HTTP status of the errors that a caller can meet; all others are faults of ours. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  ACCOUNT_UNKNOWN: 404,
  NODE_UNKNOWN: 404,
  BROADCAST_UNKNOWN: 404,
  BROADCAST_ENDED: 409,
  BROADCASTS_FULL: 409,
  BROADCAST_INVALID: 400,
  ACTION_INVALID: 400,
  ACCOUNT_IN_OTHER_POOL: 409,
  ACCOUNT_EXISTS: 409,
  ACCOUNT_CHANGED: 409,
  ACCOUNT_IN_FILE: 409,
  LINK_DOWN: 409,
  KEY_MISSING: 409,
  KEY_WRONG: 409,
  CONFIG_INVALID: 400,
  NODE_SILENT: 504,
  REDIS_UNREACHABLE: 503,
};

/** Every error as `{ error: { code, message, next? } }`; what went wrong inside stays in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly service: Service) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return;
    const { status, code, message } = this.#explain(thrown);
    const next = code in ERRORS ? ERRORS[code as ErrorCode].next : undefined;
    response.status(status).json({ error: { code, message, ...(next !== undefined && { next }) } });
  }

  #explain(thrown: unknown): { readonly status: number; readonly code: string; readonly message: string } {
    if (thrown instanceof HttpException) return ofRequest(thrown.getStatus(), thrown.message);
    const error = toError(thrown);
    const status = error instanceof RookeryError ? STATUS[error.code] : undefined;
    if (error instanceof RookeryError && status !== undefined)
      return { status, code: error.code, message: error.message };
    // What Express’ body parser throws (too large, no JSON) is the caller's.
    if ('status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500) {
      return ofRequest(error.status, 'the body cannot be used: it must be JSON of at most 64 KiB');
    }
    this.service.log.error({ stack: error.stack }, 'a request to the API failed');
    return { status: 500, code: 'INTERNAL', message: 'this failed inside; the log of the console says why' };
  }
}

const ofRequest = (status: number, message: string) => ({ status, code: `HTTP_${status}`, message });
