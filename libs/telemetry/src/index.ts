/**
 * What people and monitoring see of a process: log lines, metrics, readiness. Owner of pino and prom-client. Domain classes do
 * not know it; they emit past-tense events, and the app's module subscribes. Adding a metric touches the table only.
 */
export * from './health';
export * from './logger';
export * from './metric-table';
export * from './metrics';
export * from './noise-limit';
export { CLUSTER_METRICS } from './metric-table/cluster';
