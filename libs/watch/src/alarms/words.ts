import type { Notice } from './alarms';

/** Most findings that are spelled out in one notice. */
const LISTED = 20;

/** The notice for people, in both languages. */
export function words({ raised, cleared }: Pick<Notice, 'raised' | 'cleared'>): { subject: string; text: string } {
  const lines = [
    ...raised.map(({ zh, en }) => `⚠ ${zh}\n   ${en}`),
    ...cleared.map(({ zh, en }) => `✓ 已恢复：${zh}\n   well again: ${en}`),
  ];
  const rest = lines.length - LISTED;
  if (rest > 0) lines.splice(LISTED, rest, `… +${rest}`);
  const subject =
    raised.length > 0
      ? `Rookery: ${raised.length} 个问题 / ${raised.length} problem${raised.length === 1 ? '' : 's'}`
      : 'Rookery: 已恢复 / well again';
  return { subject, text: `${subject}\n${lines.join('\n')}` };
}
