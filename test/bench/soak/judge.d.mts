export interface Limits {
  readonly allowed: { readonly units: number; readonly share: number };
  readonly after?: number;
  readonly atMost?: number;
}
export function judge(
  readings: readonly (readonly [seconds: number, value: number])[],
  limits: Limits,
): { verdict: 'flat' | 'grows' | 'above' | 'unknown'; rise: number; perHour: number };
