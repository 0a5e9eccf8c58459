/** A log line is fields and a sentence; ids belong into the fields. Shaped so that a pino logger fits. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
  child(fields: Record<string, unknown>): Log;
}
