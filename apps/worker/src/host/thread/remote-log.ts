import type { Log } from '@rookery/plugin-kit';
import type { Batch } from './batch';
import type { FromThread, LogLevel } from './messages';

/** Hands log lines to the main thread, fields as JSON: what cannot be written down must not cost the line. */
export function remoteLog(batch: Batch<FromThread>, bound: Readonly<Record<string, unknown>> = {}): Log {
  const say = (level: LogLevel) => (fields: object, text: string) => {
    batch.add({
      type: 'log',
      level,
      fields: written({ ...bound, ...fields }) ?? written(bound) ?? '{}',
      text: String(text),
    });
  };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (fields) => remoteLog(batch, { ...bound, ...fields }),
  };
}

function written(fields: object): string | undefined {
  try {
    return JSON.stringify(fields);
  } catch {
    return undefined;
  }
}
