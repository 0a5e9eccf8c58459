/**
 * Says whether a series of readings grows. Pure: the same readings give the same verdict.
 *
 * Two signs have to agree. The line of least squares through the readings rises by more than is allowed over their time; and so
 * does the floor, from each third of the time to the next: what is collected now and then (a saw-tooth) or fills up to a bound has a floor
 * that stays, and a leak lifts it without end.
 */

/** Fewer readings say nothing. */
const LEAST_READINGS = 12;
const THIRDS = 3;

/**
 * `readings`: `[seconds, value]`, in the order of time; `allowed`: a rise that is taken for noise, in units of the value and as a share of
 * the first third's median, whichever is more; `after`: readings before this second do not count; `atMost`: a known bound, which is judged
 * instead of the rise. Returns `{ verdict, rise, perHour }`; `verdict` is `flat`, `grows`, `above` (its bound) or `unknown` (too short).
 */
export function judge(readings, { allowed, after = 0, atMost }) {
  const counted = readings.filter(([seconds]) => seconds >= after);
  if (atMost !== undefined) return judgeBound(counted, atMost);
  if (counted.length < LEAST_READINGS) return { verdict: 'unknown', rise: 0, perHour: 0 };
  const perSecond = slope(counted);
  const rise = perSecond * (counted.at(-1)[0] - counted[0][0]);
  const noise = Math.max(allowed.units, allowed.share * middle(inThirds(counted)[0]));
  const floors = inThirds(counted).map((third) => Math.min(...third));
  const lifted = floors.every((floor, i) => i === 0 || floor - floors[i - 1] > noise / (THIRDS + 1));
  return { verdict: rise > noise && lifted ? 'grows' : 'flat', rise, perHour: perSecond * 3600 };
}

function judgeBound(counted, atMost) {
  const highest = Math.max(0, ...counted.map(([, value]) => value));
  return { verdict: highest > atMost ? 'above' : 'flat', rise: 0, perHour: 0 };
}

/** Units per second of the line of least squares. */
function slope(readings) {
  const mean = (at) => readings.reduce((sum, reading) => sum + reading[at], 0) / readings.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const products = readings.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const squares = readings.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return squares === 0 ? 0 : products / squares;
}

/** The values of each third of the readings. */
function inThirds(readings) {
  const size = readings.length / THIRDS;
  const bounds = Array.from({ length: THIRDS + 1 }, (_, i) => Math.round(i * size));
  return bounds.slice(1).map((end, i) => readings.slice(bounds[i], end).map(([, value]) => value));
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
