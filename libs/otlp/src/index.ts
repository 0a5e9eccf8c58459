/**
 * Traces for OpenTelemetry: what the trace book of a node tells, as spans with ids derived from event ids, sent over OTLP/HTTP. Loaded only
 * by processes that are configured to export. May import protocol, and redis for the form of the records.
 */
export { OtlpExporter } from './otlp-exporter';
export { isSampled, traceIdOf } from './span';
export { spansOf } from './trace-spans';
