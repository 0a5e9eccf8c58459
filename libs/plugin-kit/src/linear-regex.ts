import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** A regular expression whose time grows with the text, and not faster, whoever wrote expression and text. */
export interface LinearRegex {
  /** Steps of its program: the time to look through a text grows with this and with the length of the text. */
  readonly size: number;
  /** The whole and the groups of the first find. */
  find(text: string): readonly (string | undefined)[] | undefined;
}

/** Loaded when first needed (some 20 ms): threads of plugins without expressions never do. */
let library: typeof RE2JS | undefined;
const loaded = (): typeof RE2JS => (library ??= (createRequire(__filename)('re2js') as { RE2JS: typeof RE2JS }).RE2JS);

/** Why the expression cannot be run, if it cannot: syntax, back references, look-around. */
export function linearRegexProblem(source: string): string | undefined {
  try {
    loaded().compile(loaded().translateRegExp(source));
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'it is no expression';
  }
}

/** Throws when {@link linearRegexProblem} has something to say. */
export function linearRegex(source: string, ignoreCase: boolean): LinearRegex {
  const RE2 = loaded();
  const expression = RE2.compile(RE2.translateRegExp(source), ignoreCase ? RE2.CASE_INSENSITIVE : 0);
  return {
    size: expression.programSize(),
    find(text) {
      const matcher = expression.matcher(text);
      if (!matcher.find()) return undefined;
      return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    },
  };
}
