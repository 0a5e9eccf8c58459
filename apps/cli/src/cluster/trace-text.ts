import type { EventId } from '@rookery/protocol';
import type { TraceRecord } from '@rookery/redis';

/**
 * The way of one event, one line a step: when, how long after the first, where, what. Empty for no records. `traceId`: where
 * spans are exported.
 */
export function traceText(event: EventId, records: readonly TraceRecord[], traceId?: string): string {
  const steps = records
    .flatMap(({ node, self, steps: own }) => own.map((step) => ({ ...step, node, self })))
    .sort((a, b) => a.at - b.at);
  const [first] = steps;
  if (first === undefined) return '';
  const lines = steps.map(({ at, stage, what, tookMs, node }) => {
    const after = `+${String(at - first.at)} ms`.padStart(10);
    const took = tookMs === undefined ? '' : `, took ${tookMs} ms`;
    return `${new Date(at).toISOString()} ${after}  ${stage.padEnd(8)} ${what}${took}  [${node}]`;
  });
  const exported = traceId === undefined ? '' : `, OpenTelemetry trace ${traceId}`;
  return `${event}, seen by account ${first.self}${exported}\n${lines.join('\n')}\n`;
}
