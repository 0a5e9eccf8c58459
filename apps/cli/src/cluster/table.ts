/** Columns aligned by what a terminal shows; the last one is left as long as it is. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [header.map((text): Cell => ({ text })), ...rows];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map(({ text, paint = (plain) => plain }, column) => {
          const padding = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length);
          return paint(text) + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

export interface Cell {
  readonly text: string;
  /** Colour; it must not change the width. */
  readonly paint?: (text: string) => string;
}

const UNITS = [
  ['d', 24 * 60 * 60],
  ['h', 60 * 60],
  ['min', 60],
  ['s', 1],
] as const;

/** `3 min`, `2 h`: the largest unit is what people read. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, size] = UNITS.find(([, of]) => seconds >= of) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}
