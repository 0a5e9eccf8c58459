import JSON5 from 'json5';

/** What NapCat makes of a frame. `complaint` is what a correct client would not have done. */
export type ParsedRequest =
  | {
      readonly kind: 'request';
      readonly action: unknown;
      readonly params: Readonly<Record<string, unknown>>;
      readonly echo: unknown;
      readonly complaint?: string;
    }
  /** Answered with 1400. */
  | { readonly kind: 'broken'; readonly complaint: string }
  /** Answered with nothing at all: a bare number, text or boolean. */
  | { readonly kind: 'ignored'; readonly complaint: string };

/** NapCat reads JSON5; a plain JSON text is read by JSON.parse here, which gives the same and does not stall. */
export function parseRequest(text: string): ParsedRequest {
  let value: unknown;
  let complaint: string | undefined;
  try {
    value = JSON.parse(text);
  } catch {
    try {
      value = JSON5.parse<unknown>(text);
      complaint = 'frame is JSON5 but not JSON';
    } catch {
      return { kind: 'broken', complaint: 'frame is not JSON' };
    }
  }
  if (value === null) return { kind: 'broken', complaint: 'frame is null' };
  if (typeof value !== 'object') return { kind: 'ignored', complaint: `frame is a bare ${typeof value}` };
  if (Array.isArray(value)) complaint = 'frame is an array';
  const { action, params, echo } = { action: undefined, params: undefined, echo: undefined, ...value };
  const isRecord = typeof params === 'object' && params !== null && !Array.isArray(params);
  if (!isRecord && params !== undefined) complaint ??= 'params is not an object';
  return {
    kind: 'request',
    action,
    params: isRecord ? params : {},
    echo,
    ...(complaint !== undefined && { complaint }),
  };
}
