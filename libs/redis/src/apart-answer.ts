/** Of one part of a script that acts for several keys, as scripts/apart.ts says: what came of it, or why it was refused. */
export function apartAnswer(answer: unknown): unknown {
  return Array.isArray(answer) && answer[0] === 'refused' ? new Error(String(answer[1])) : answer;
}
