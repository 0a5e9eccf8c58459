import { RookeryError } from '@rookery/protocol';

/** Every text that users read exists in both languages. */
export interface LocalText {
  readonly zh: string;
  readonly en: string;
}

export type Locale = keyof LocalText;

type GapsOf<Text extends string> = Text extends `${string}{${infer Gap}}${infer Rest}` ? Gap | GapsOf<Rest> : never;

/** Names of the gaps in a text: `{count}`. */
export type Gaps<Text extends LocalText> = GapsOf<Text['zh']> | GapsOf<Text['en']>;

/** What fills the gaps of a text: nothing for a text without any. */
export type Fillings<Text extends LocalText> = [Gaps<Text>] extends [never]
  ? []
  : [fillings: Readonly<Record<Gaps<Text>, string | number>>];

/**
 * A plugin's texts, by name. Throws PLUGIN_INVALID naming every text whose gaps are not the same in both languages.
 *
 *     const SAY = texts({ rolled: { zh: '掷出了 {n}', en: 'Rolled {n}' } });
 *     context.text(SAY.rolled, { n: 5 });
 */
export function texts<const Table extends Readonly<Record<string, LocalText>>>(table: Table): Table {
  const problems = Object.entries(table)
    .filter(([, { zh, en }]) => gaps(zh) !== gaps(en))
    .map(([name, { zh, en }]) => `text "${name}" has the gaps ${gaps(zh)} in Chinese and ${gaps(en)} in English`);
  if (problems.length > 0) throw new RookeryError('PLUGIN_INVALID', problems.join('\n'));
  return table;
}

/** In the given language, with its gaps filled; a gap that is not filled stays as it is written. */
export function textIn(
  locale: Locale,
  text: LocalText,
  fillings: Readonly<Record<string, string | number>> = {},
): string {
  return text[locale].replace(GAP, (gap, name: string) =>
    Object.hasOwn(fillings, name) ? String(fillings[name]) : gap,
  );
}

const GAP = /\{([^{}]*)\}/g;

function gaps(text: string): string {
  return [...new Set([...text.matchAll(GAP)].map(([gap]) => gap))].sort().join(' ') || 'none';
}
