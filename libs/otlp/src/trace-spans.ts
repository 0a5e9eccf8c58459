import type { TraceRecord, TraceStep } from '@rookery/redis';
import { spanIdOf, traceIdOf, type Span } from './span';

/**
 * The record of one node as spans of OpenTelemetry. The worker's gives the event, from its frame to the moment at which it was settled,
 * with its way to the worker (buffer, envelope, queue) and its handlers in it; the connector's gives one action.
 */
export function spansOf({ event, self, steps }: TraceRecord): Span[] {
  const traceId = traceIdOf(event);
  const root = spanIdOf(event, 'event');
  const attributes = { 'rookery.event': event, 'rookery.account': self };
  const child = (part: string, startMs: number, step: TraceStep): Omit<Span, 'name' | 'kind'> => ({
    traceId,
    spanId: spanIdOf(event, part),
    parentId: root,
    startMs,
    endMs: step.at,
    attributes: { ...attributes, 'rookery.what': step.what, ...(step.action && { 'rookery.action': step.action }) },
    ...(step.error !== undefined && { error: step.error }),
  });
  const read = steps.find(({ stage }) => stage === 'read');
  return steps.flatMap((step, index): Span[] => {
    const { at, tookMs = 0, name = step.stage } = step;
    switch (step.stage) {
      case 'taken':
        return read ? [{ ...child('envelope', read.at, step), name: 'envelope', kind: 'consumer' }] : [];
      case 'ran':
        return [{ ...child(`ran ${index} ${at}`, at - tookMs, step), name: `handler ${name}`, kind: 'internal' }];
      case 'ended':
        return [{ ...child(`action ${step.action ?? at}`, at - tookMs, step), name: `action ${name}`, kind: 'client' }];
      case 'settled': {
        const what = { 'rookery.what': read?.what ?? '', 'rookery.settled': step.what };
        const asked = steps.filter(({ stage }) => stage === 'asked');
        return [
          {
            traceId,
            spanId: root,
            name: 'event',
            kind: 'consumer',
            startMs: read?.at ?? at,
            endMs: at,
            attributes: { ...attributes, ...what },
            events: asked.map((one) => ({ name: `asked ${one.name ?? ''}`.trimEnd(), atMs: one.at })),
          },
        ];
      }
      case 'read':
      case 'asked':
        return [];
    }
  });
}
