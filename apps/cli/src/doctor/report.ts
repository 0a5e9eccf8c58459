import type { Colours } from '../up/output';
import { LOOKS, type Examination } from './examine';
import type { Finding } from './finding';

export const findingsOf = (examination: Examination): readonly Finding[] =>
  LOOKS.flatMap((look) => {
    const seen = examination[look];
    return 'findings' in seen ? seen.findings : [];
  });

/** For people: every look with its verdict, and each finding with what to do, in both languages. */
export function reportText(examination: Examination, colours: Colours): string {
  const lines = LOOKS.flatMap((look) => {
    const seen = examination[look];
    if ('skipped' in seen)
      return [`${colours.dim('-')} ${look}: ${colours.dim(`${seen.skipped.en} / ${seen.skipped.zh}`)}`];
    if (seen.findings.length === 0) return [`${colours.green('✓')} ${look}`];
    return [`${colours.red('✗')} ${look}`, ...seen.findings.flatMap((finding) => findingLines(finding, colours))];
  });
  const count = findingsOf(examination).length;
  const end = count === 0 ? 'nothing found / 没有发现问题' : `${count} found / 发现 ${count} 个问题`;
  return `${[...lines, end].join('\n')}\n`;
}

function findingLines({ id, place, problem, remedy }: Finding, colours: Colours): string[] {
  const indented = (text: string) => text.replaceAll('\n', '\n    ');
  return [
    `  ${colours.bold(id)}  ${place}: ${indented(problem.en)}`,
    `    ${problem.zh}`,
    `    → ${remedy.en}`,
    `    → ${remedy.zh}`,
  ];
}

/** `ok`, all findings, and for each look that was left out why. */
export function reportJson(examination: Examination): string {
  const findings = findingsOf(examination);
  const skipped = LOOKS.flatMap((look) => {
    const seen = examination[look];
    return 'skipped' in seen ? [{ look, why: seen.skipped }] : [];
  });
  return `${JSON.stringify({ ok: findings.length === 0, findings, skipped })}\n`;
}
