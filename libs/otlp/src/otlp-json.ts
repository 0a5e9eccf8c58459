import type { Span } from './span';

/** Who tells of the spans. */
export interface SpanSource {
  readonly service: string;
  readonly version: string;
  readonly node: string;
}

const KINDS = { internal: 1, client: 3, producer: 4, consumer: 5 } as const satisfies Record<Span['kind'], number>;
const STATUS_ERROR = 2;

/** The body of a request to `/v1/traces`: OTLP 1 in its JSON form, in which ids are hexadecimal and 64-bit numbers are text. */
export function otlpJson({ service, version, node }: SpanSource, spans: readonly Span[]): string {
  const resource = { 'service.name': service, 'service.version': version, 'service.instance.id': node };
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'rookery', version }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({ traceId, spanId, parentId, name, kind, startMs, endMs, attributes, events, error }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentId !== undefined && { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    ...(events !== undefined && {
      events: events.map((event) => ({ name: event.name, timeUnixNano: nanos(event.atMs) })),
    }),
    ...(error !== undefined && { status: { code: STATUS_ERROR, message: error } }),
  };
}

function attributesOf(attributes: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  }));
}

const nanos = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
