import type { Accepted, ActionSpec, ParamSpec } from './action-table';

type Params = Readonly<Record<string, unknown>>;
const REFUSED = Symbol('refused');

/** The value as NapCat would take it for one kind, or REFUSED. Numbers and text are converted into each other. */
function coerced(kind: Accepted, value: unknown): unknown {
  switch (kind) {
    case 'any':
      return value;
    case 'string':
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      return typeof value === 'string' ? value : REFUSED;
    case 'number':
      if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
      return typeof value === 'number' ? value : REFUSED;
    case 'boolean':
      if (value === 1 || value === 'true') return true;
      if (value === 0 || value === 'false') return false;
      return typeof value === 'boolean' ? value : REFUSED;
    case 'null':
      return value === null ? null : REFUSED;
    case 'array':
      return Array.isArray(value) ? value : [value];
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : REFUSED;
  }
}

/** Takes the value as it is when its type is declared, else the first conversion that works. */
function fit(spec: ParamSpec, value: unknown): unknown {
  const exact = spec.accepts.find((kind) => typeof value === kind && kind !== 'object');
  const kinds: readonly Accepted[] = exact === undefined ? spec.accepts : [exact];
  for (const kind of kinds) {
    const result = coerced(kind, value);
    if (result === REFUSED) continue;
    return spec.oneOf !== undefined && !spec.oneOf.includes(String(result)) ? REFUSED : result;
  }
  return REFUSED;
}

/** Parameters checked and converted as NapCat does before a handler runs; a text is the reason of a 1400. */
export function coerceParams(spec: ActionSpec, params: Params): { params: Params } | { refusal: string } {
  const result: Record<string, unknown> = { ...params };
  for (const [name, param] of Object.entries(spec.params)) {
    const value = params[name];
    if (value === undefined) {
      if (param.required) return { refusal: 'Schema compilation error: Expected required property' };
      continue;
    }
    const fitted = fit(param, value);
    if (fitted === REFUSED) return { refusal: `Key: ${name}, Message: Expected ${param.accepts.join(' | ')}` };
    result[name] = fitted;
  }
  return { params: result };
}

/** What a careful client would not have sent, whether or not NapCat lets it pass. */
export function complaints(action: string, spec: ActionSpec, params: Params): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    const param = spec.params[name];
    if (param === undefined) found.push(`${action}: unknown parameter ${name}`);
    else if (fit(param, value) === REFUSED) found.push(`${action}: parameter ${name} has the wrong type`);
    else if ((name === 'message' || name === 'messages') && typeof value === 'string') {
      found.push(`${action}: ${name} is a string; only segment arrays are safe`);
    }
  }
  for (const [name, param] of Object.entries(spec.params)) {
    if (param.required && params[name] === undefined) found.push(`${action}: parameter ${name} is missing`);
  }
  return found;
}

/** Readers for handlers. The send family is not coerced by NapCat, so they take numbers and text alike. */
export function idParam(params: Params, name: string): string | undefined {
  const value = params[name];
  if (typeof value === 'number' && value !== 0) return String(value);
  return typeof value === 'string' && value !== '' && value !== '0' ? value : undefined;
}

export function textParam(params: Params, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function numberParam(params: Params, name: string, missing: number): number {
  const value = params[name];
  return value === undefined || value === '' || !Number.isFinite(Number(value)) ? missing : Number(value);
}

export function flagParam(params: Params, name: string, missing: boolean): boolean {
  const value = params[name];
  return value === undefined ? missing : value === true || value === 'true' || value === 1;
}
