/** Environment variables by name. An empty value counts as not set, as in most shells' `${NAME:-}`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only reader of the process environment; everything else is handed the result. */
export function readEnvironment(): Environment {
  return { ...process.env };
}

export function variable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}
