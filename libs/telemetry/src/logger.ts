import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/**
 * One JSON line per fact on stdout. `app` names the process. Bind scope with `logger.child({ account, event, action })`
 * instead of writing ids into the sentence. The redaction list is a second fence: secrets are not to be passed at all.
 */
export function createLogger(app: string, level: LogLevel): Logger {
  return pino({
    level,
    base: { app },
    timestamp: () => `,"time":${Date.now()}`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['token', '*.token', 'authorization', '*.authorization', 'headers.authorization'], censor: '***' },
  });
}
