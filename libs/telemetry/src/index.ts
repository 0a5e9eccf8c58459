/**
 * What people and monitoring see of a process: log lines, metrics, readiness. Owner of pino and prom-client. Domain classes do
 * not know it; they emit past-tense events, and the app's module subscribes. Adding a metric touches the table only.
 */
export { Health, READINESS_PARTS, type ReadinessPart } from './health';
export { type LogLevel, type Logger, createLogger } from './logger';
export {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  METRICS,
  type MetricName,
  type MetricSpec,
} from './metric-table';
export { Metrics } from './metrics';
export { NoiseLimit } from './noise-limit';
export { CLUSTER_METRICS } from './metric-table/cluster';
