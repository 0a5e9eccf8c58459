import { createRequire } from 'node:module';
import type { CronExpressionParser } from 'cron-parser';

/** Loaded when first needed (some 30 ms): plugins without schedules never do. It is the one that BullMQ runs schedules with. */
let library: typeof CronExpressionParser | undefined;
function loaded(): typeof CronExpressionParser {
  library ??= (createRequire(__filename)('cron-parser') as { CronExpressionParser: typeof CronExpressionParser })
    .CronExpressionParser;
  return library;
}

/** Why nothing can be run at the times of the expression, if nothing can: its form, or that its day never comes. */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/).length;
  if (fields < 5 || fields > 6) return `it has ${fields}`;
  try {
    loaded().parse(cron, { tz: 'UTC' }).next();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'it is none';
  }
}
