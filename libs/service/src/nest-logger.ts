import type { LoggerService } from '@nestjs/common';
import type { Logger, NoiseLimit } from '@rookery/telemetry';

/** Nest's two ends of the control channel: each tells every vain attempt to reconnect, several a second while Redis is away. */
const TRANSPORT = new Set(['ClientProxy', 'Server']);

/** Lets Nest write through our log. Its start-up chatter is of interest to its developers only, hence `debug`. */
export class NestLogger implements LoggerService {
  constructor(
    private readonly logger: Logger,
    private readonly noise: NoiseLimit,
  ) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  /** Nest leaves out the stack where it has none; the context is last in any case. */
  error(message: unknown, ...rest: (string | undefined)[]): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    if (context === undefined || !TRANSPORT.has(context)) {
      this.logger.error({ context, stack }, String(message));
      return;
    }
    this.noise.pass(`nest:${context}`, (suppressed) =>
      this.logger.error({ context, stack, suppressed }, String(message)),
    );
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  fatal(message: unknown, context?: string): void {
    this.logger.fatal({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
