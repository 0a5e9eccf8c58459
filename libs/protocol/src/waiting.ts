/** Which of an account's limits keeps a send back. Closed: it is a label of metrics. */
export const LIMIT_LAYERS = [
  'cold_start',
  'quiet_hours',
  'gap',
  'account',
  'day',
  'kind',
  'conversation',
  'repeats',
] as const;
export type LimitLayerName = (typeof LIMIT_LAYERS)[number];

/** Why something must not be sent now although its limits allow it. Closed: it is a label of metrics. */
export const HOLD_REASONS = ['muted', 'breaker', 'paused', 'offline'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];
