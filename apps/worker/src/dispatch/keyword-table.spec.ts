import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeywordTable } from './keyword-table';

describe('KeywordTable', () => {
  it('finds the same as a search for each word', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'C', '早'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(letters, { maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('a', 'B', 'c', '早', 'x'), maxLength: 40 }),
        (words, text) => {
          const sut = new KeywordTable(words.map((word, route) => ({ words: [word], route })));
          const expected = words.flatMap((word, route) =>
            text.toLowerCase().includes(word.toLowerCase()) ? [route] : [],
          );
          expect(
            sut
              .find(text)
              .map(({ route }) => route)
              .sort((a, b) => a - b),
          ).toEqual(expected);
        },
      ),
    );
  });

  it('names a route once, whichever of its words are there', () => {
    const sut = new KeywordTable([{ words: ['he', 'she'], route: 'r' }]);
    expect(sut.find('ushers')).toEqual([{ word: 'she', route: 'r' }]);
    expect(new KeywordTable([]).find('x')).toEqual([]);
  });
});
