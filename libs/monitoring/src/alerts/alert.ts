/** Series of a test, one value every 30 s for half an hour, in promtool's notation: `0+2x60`, `1x60`. */
export type TestSeries = Readonly<Record<string, string>>;

/** One alert rule with all that belongs to it: how it is worded, what to do about it, and when it must and must not fire. */
export interface Alert {
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  readonly expr: string;
  /** How long the expression must hold, as `2m`. */
  readonly for: string;
  /** One line; may hold `{{ $labels.x }}`. */
  readonly summary: string;
  readonly zh: string;
  /** What it means for the people who use the bots. */
  readonly description: string;
  readonly causes: readonly string[];
  readonly steps: readonly string[];
  /** Looked at after half an hour: here it fires. */
  readonly fires: TestSeries;
  /** A look-alike for which it must stay quiet. */
  readonly quiet: TestSeries;
}

/** For an alert that a single series decides: the values of that series for which it fires, and those for which it stays quiet. */
export const decidedBy = (series: string, fires: string, quiet: string): Pick<Alert, 'fires' | 'quiet'> => ({
  fires: { [series]: fires },
  quiet: { [series]: quiet },
});

const DOWN = 'sum(rookery_cluster_accounts{state=~"offline|failed|connecting"})';
/** More than three accounts and more than a fifth of the fleet: one cause, one alert. It silences those of single accounts. */
export const MANY_DOWN = `${DOWN} > 3 and ${DOWN} > 0.2 * sum(rookery_cluster_accounts)`;
export const unlessMany = (expr: string): string => `${expr} unless on() (${MANY_DOWN})`;
