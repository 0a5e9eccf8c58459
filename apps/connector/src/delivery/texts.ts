type Fields = Record<string, unknown>;

/** Forwards inside forwards are at most four messages deep, two levels of objects each. */
const DEPTH_MAX = 16;

/** Calls for every text in the parameters of an action, with what holds it. */
export function eachText(value: unknown, visit: (text: string, key: string, holder: Fields) => void, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  const holder = value as Fields;
  for (const key of Object.keys(holder)) {
    const inner = holder[key];
    if (typeof inner === 'string') visit(inner, key, holder);
    else eachText(inner, visit, depth + 1);
  }
}
