/**
 * What watches Rookery from outside, as code: alert rules with their tests and runbooks, dashboards, all checked against the metric
 * table. The files in deploy/prometheus, deploy/grafana and docs/runbooks are generated from here. May import telemetry.
 */

export { DASHBOARDS } from './dashboards';
export { monitoringFiles } from './files';
