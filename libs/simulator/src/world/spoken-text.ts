import type { Segment } from '@rookery/protocol';
import type { Said } from './conversation';
import type { Directory } from './directory';

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  image: '[图片]',
  record: '[语音]',
  video: '[视频]',
  file: '[文件]',
  face: '[表情]',
  json: '[卡片]',
  forward: '[聊天记录]',
};

/** A message as a person reads it in the chat window, on one line: for logs. Quotes are left out. */
export function spokenText(directory: Directory, said: Said): string {
  const spoken = ({ type, data }: Segment) => {
    if (type === 'text') return String(data['text']);
    if (type === 'at') return `@${data['qq'] === 'all' ? '全体成员' : directory.nickname(String(data['qq']))}`;
    return type === 'reply' ? '' : (PLACEHOLDERS[type] ?? `[${type}]`);
  };
  return said.segments.map(spoken).join('').replaceAll(/\s+/g, ' ').trim();
}
