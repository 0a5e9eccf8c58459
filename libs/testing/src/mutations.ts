import fc from 'fast-check';
import { readEnvironment } from '@rookery/config';

/**
 * How many cases a fuzzing test runs, and with which seed: always the same one, so that a change alone decides whether the tests pass.
 * `ROOKERY_TEST_FUZZ=100` makes it a hundred times as many, `ROOKERY_TEST_SEED` takes other cases.
 * For `fc.assert`, whose failure prints the seed and the smallest input that it found.
 */
export function fuzzing(usual: number): { readonly numRuns: number; readonly seed: number } {
  const { ROOKERY_TEST_FUZZ: times = '1', ROOKERY_TEST_SEED: seed = '1' } = readEnvironment();
  return { numRuns: usual * Number(times), seed: Number(seed) };
}

/** What is put in place of something else in JSON: values of other types, and pieces that break it. */
export const JSON_SPLINTERS: readonly string[] = [
  ...['null', 'true', '""', '"x"', '-1', '0', '1e5', '1.5', '9007199254740993', '-9007199254740993', '1e999'],
  ...['[]', '{}', '[[]]', '[1,null,{"type":5}]', '{"type":"text"}', '"\\ud800"', '"__proto__"', '{"__proto__":1}'],
  ...['"[CQ:at,qq=1]"', '"[CQ:"', '}', ']', ',', '"', '\\', '\u0000', '\ufeff', '😀'],
];

/** The values of a JSON object, as {@link mutated} replaces them whole. */
export const JSON_VALUES = /(?<=":)(?:"(?:[^"\\]|\\.)*"|-?[0-9.]+|true|false|null)/g;

interface Mutation {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
  readonly whole: boolean;
}

/**
 * One of the samples with up to three changes: a piece is cut out, a splinter put in its place. `values` finds what is replaced whole
 * in every other change, so that most results still have the form of the sample.
 */
export function mutated(
  samples: readonly string[],
  splinters: readonly string[],
  values?: RegExp,
): fc.Arbitrary<string> {
  const mutation = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 12 }),
    put: fc.constantFrom(...splinters, ''),
    whole: fc.boolean(),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([sample, mutations]) => mutations.reduce((text, one) => mutate(text, one, values), sample));
}

function mutate(text: string, { at, cut, put, whole }: Mutation, values: RegExp | undefined): string {
  if (whole && values !== undefined) {
    const found = [...text.matchAll(values)];
    const chosen = found[at % Math.max(1, found.length)];
    if (chosen !== undefined) return text.slice(0, chosen.index) + put + text.slice(chosen.index + chosen[0].length);
  }
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + cut);
}
