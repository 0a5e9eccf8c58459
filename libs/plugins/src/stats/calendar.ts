/** `2026-11-25`, as it is there. */
export function dayOf(at: number, timeZone: string): string {
  return dates(timeZone).format(at);
}

const known = new Map<string, Intl.DateTimeFormat>();

/** One costs some 50 µs to make. Canada writes dates as ISO does. */
function dates(timeZone: string): Intl.DateTimeFormat {
  const found = known.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  known.set(timeZone, found);
  return found;
}

export function isTimeZone(name: string): boolean {
  try {
    return dates(name).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
