import type { TraceRecord } from '@rookery/redis';
import type { Service } from './service';
import { version } from './version';

export interface SpanExport {
  /** Never rejects. */
  take(records: readonly TraceRecord[]): Promise<void>;
  /** Sends what waits, once. */
  close(): Promise<void>;
}

/** Sends what the records of traces tell to an OpenTelemetry receiver; undefined where none is configured. */
export function spanExport(service: Service): SpanExport | undefined {
  const { otlp } = service.config.telemetry;
  if (otlp === undefined) return undefined;
  let opened: ReturnType<typeof open> | undefined;
  return {
    async take(records) {
      const { exporter, sampled } = await (opened ??= open(service, otlp));
      exporter.take(sampled(records));
    },
    async close() {
      await (await opened)?.exporter.close();
    },
  };
}

/** Loaded with the first records: a process that exports nothing knows nothing of it. */
async function open(
  { app, node, clock, metrics, log, noise }: Service,
  { url, headers, share }: NonNullable<Service['config']['telemetry']['otlp']>,
) {
  const { isSampled, OtlpExporter, spansOf } = await import('@rookery/otlp');
  const exporter = new OtlpExporter({
    url,
    headers,
    source: { service: `rookery-${app}`, version, node },
    clock,
    onEnded: (result, spans) => metrics.countBy('rookery_spans_total', spans, { result }),
    onTrouble: (error) => {
      noise.pass('otlp', (suppressed) =>
        log.warn({ error: error.message, suppressed }, 'spans could not be exported; kept for a while and tried again'),
      );
    },
  });
  const sampled = (records: readonly TraceRecord[]) =>
    records.flatMap(spansOf).filter(({ traceId }) => isSampled(traceId, share));
  return { exporter, sampled };
}
