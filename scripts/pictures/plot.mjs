// Draws the panels of a dashboard as one SVG: lines over time, a legend, the highest value. No browser, no dependency.
const [COLUMNS, WIDTH, HEIGHT, GAP] = [2, 460, 170, 12];
const COLOURS = ['#3274d9', '#56a64b', '#e0b400', '#e02f44', '#8f3bb8', '#ff780a', '#00a0a0', '#888888'];
/** More series of one panel than these are not drawn, so that the picture stays small and readable. */
const SERIES_MAX = COLOURS.length;

/** `panels`: `{ title, unit, series: [{ name, points: [[seconds, value]] }] }`. */
export function plot(title, panels) {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * (WIDTH + GAP) + GAP, 44 + rows * (HEIGHT + GAP)];
  const cells = panels.map((panel, index) => {
    const x = GAP + (index % COLUMNS) * (WIDTH + GAP);
    const y = 40 + Math.floor(index / COLUMNS) * (HEIGHT + GAP);
    return `<g transform="translate(${x} ${y})">${cell(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#f4f5f5"/>`,
    `<text x="${GAP}" y="26" font-size="16">${escape(title)}</text>`,
    ...cells,
    '</svg>\n',
  ].join('\n');
}

function cell({ title, unit, series }) {
  const [left, right, top, bottom] = [8, WIDTH - 8, 30, HEIGHT - 34];
  const drawn = series.slice(0, SERIES_MAX);
  const points = drawn.flatMap((one) => one.points);
  const times = points.map(([at]) => at);
  const [begin, end] = [Math.min(...times), Math.max(...times)];
  const top1 = Math.max(...points.map(([, value]) => value), 0) || 1;
  const x = (at) => Math.round(left + ((right - left) * (at - begin)) / Math.max(1, end - begin));
  const y = (value) => Math.round(bottom - ((bottom - top) * Math.max(0, value)) / top1);
  const lines = drawn.map(
    (one, index) =>
      `<polyline fill="none" stroke="${COLOURS[index]}" stroke-width="1.5" points="${one.points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"/>`,
  );
  const share = (right - left) / Math.max(4, drawn.length);
  const legend = drawn.map(
    (one, index) =>
      `<text x="${left + index * share}" y="${HEIGHT - 10}" fill="${COLOURS[index]}">${escape(one.name.slice(0, Math.floor(share / 6.2)))}</text>`,
  );
  return [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff" stroke="#ddd"/>`,
    `<text x="8" y="18" font-weight="bold">${escape(title)}</text>`,
    points.length === 0
      ? `<text x="${WIDTH / 2}" y="${HEIGHT / 2}" text-anchor="middle" fill="#888">no data</text>`
      : `<text x="${right}" y="18" text-anchor="end" fill="#666">max ${escape(amount(top1, unit))}</text>`,
    `<path d="M${left} ${bottom}H${right}" stroke="#ccc"/>`,
    ...lines,
    ...legend,
  ].join('');
}

function amount(value, unit) {
  switch (unit) {
    case 's':
      return value < 1 ? `${round(value * 1000)} ms` : `${round(value)} s`;
    case 'bytes':
      return `${round(value / 1024 / 1024)} MiB`;
    case 'percentunit':
      return `${round(value * 100)} %`;
    case 'ops':
      return `${round(value)}/s`;
    default:
      return String(round(value));
  }
}

const round = (value) => Number(value.toPrecision(3));
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
