import type { QuietHours } from './limits';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes since midnight on the wall of a time zone. */
function minuteOfDay(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  const parts = format.formatToParts(at);
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value ?? 0);
  return part('hour') * 60 + part('minute');
}

/** The calendar day that holds a moment, in ms: from midnight to the next midnight, which are 23 to 25 hours apart. */
export function dayOf(at: number, timeZone: string): { readonly start: number; readonly end: number } {
  return {
    start: midnightAt(at, timeZone),
    end: midnightAt(midnightAt(at, timeZone) + DAY + 2 * 60 * MINUTE, timeZone),
  };
}

function midnightAt(at: number, timeZone: string): number {
  let start = Math.floor(at / MINUTE) * MINUTE;
  // Twice, since the clock may have been set on or back on the way.
  for (let pass = 0; pass < 2; pass++) {
    const minutes = minuteOfDay(start, timeZone);
    start -= (minutes > 20 * 60 && pass === 1 ? minutes - 24 * 60 : minutes) * MINUTE;
  }
  return start;
}

/** How long it is still quiet, in ms; 0 when it is not. */
export function quietForMs(at: number, { from, to }: QuietHours, timeZone: string): number {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const minute = minuteOfDay(at, timeZone);
  const isQuiet = begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
  if (!isQuiet) return 0;
  return ((end - minute + 24 * 60) % (24 * 60)) * MINUTE - (at % MINUTE);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
