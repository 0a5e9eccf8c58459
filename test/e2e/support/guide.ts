import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../../docs');

/**
 * The commands of a page for people who have the package and no clone: lines of its shell blocks, with what a comment says for elsewhere
 * in place of what it says for a clone.
 */
export function commandsOf(page: string, heading: RegExp): readonly string[] {
  const text = readFileSync(join(DOCS, page), 'utf8');
  const section = text.split(/^## /m).find((part) => heading.test(part));
  if (section === undefined) throw new Error(`${page} has no section ${heading}`);
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n').map(elsewhere),
  );
}

function elsewhere(line: string): string {
  const [command = '', comment = ''] = line.split(/\s+#\s*/, 2);
  return /(npx [^`]+)/.exec(comment)?.[1] ?? command;
}
