import type { Segment } from '@rookery/protocol';

/** The template with its gaps, like `{user}`, filled: with text, or with a segment. A gap that has no word stays as it is written. */
export function filled(template: string, words: Readonly<Record<string, string | Segment>>): readonly Segment[] {
  return template
    .split(/(\{[a-z]+\})/)
    .filter((part) => part !== '')
    .map((part) => {
      const name = part.slice(1, -1);
      const word = part.startsWith('{') && Object.hasOwn(words, name) ? words[name] : undefined;
      return typeof word === 'object' ? word : { type: 'text', data: { text: word ?? part } };
    });
}
