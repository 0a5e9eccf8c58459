import { Picture, type Colour } from './png';

const COLOURS: readonly Colour[] = [
  [255, 255, 255],
  [40, 44, 52],
  [234, 179, 8],
  [148, 163, 184],
  [194, 120, 60],
  [76, 132, 220],
  [236, 240, 246],
];
const INK = 1;
/** Gold, silver, bronze, and one colour for all others. */
const MEDALS = [2, 3, 4];
const OTHER = 5;
const TRACK = 6;

/** Ten digits of three by five points, a row per number, its bits from left to right. */
const DIGITS: readonly (readonly number[])[] = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 2, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
];
const POINT = 4;
const DIGIT_WIDTH = 4 * POINT;
const ROW = 40;
const BAR = 24;
const MARGIN = 16;
const RANK_WIDTH = 3 * DIGIT_WIDTH;
const BARS_WIDTH = 440;

/** Bars with rank and number, the longest first; names are no part of it. `counts`: from large to small, none negative. */
export function rankingPicture(counts: readonly number[]): Buffer {
  const most = Math.max(1, ...counts);
  const digits = String(most).length;
  const width = MARGIN + RANK_WIDTH + BARS_WIDTH + MARGIN + digits * DIGIT_WIDTH + MARGIN;
  const picture = new Picture(width, 2 * MARGIN + Math.max(1, counts.length) * ROW, COLOURS);
  for (const [place, count] of counts.entries()) {
    const top = MARGIN + place * ROW + (ROW - BAR) / 2;
    const left = MARGIN + RANK_WIDTH;
    write(picture, String(place + 1), MARGIN, top);
    picture.fill(left, top, BARS_WIDTH, BAR, TRACK);
    // Nobody who spoke has no bar at all.
    const length = count > 0 ? Math.max(2, Math.round((count / most) * BARS_WIDTH)) : 0;
    picture.fill(left, top, length, BAR, MEDALS[place] ?? OTHER);
    write(picture, String(count), left + BARS_WIDTH + MARGIN, top);
  }
  return picture.png();
}

function write(picture: Picture, number: string, left: number, top: number): void {
  for (const [index, digit] of Array.from(number).entries()) {
    for (const [y, row] of (DIGITS[Number(digit)] ?? []).entries()) {
      for (let x = 0; x < 3; x++) {
        if ((row & (4 >> x)) === 0) continue;
        picture.fill(left + index * DIGIT_WIDTH + x * POINT, top + y * POINT + 2, POINT, POINT, INK);
      }
    }
  }
}
